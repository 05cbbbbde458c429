# klplint for CI: docs/ci.md says how to use it.
# To pin the base image by its content, too, replace the tag by the digest that
# `docker buildx imagetools inspect python:3.12.8-slim-bookworm` prints (image@sha256:...).
FROM python:3.12.8-slim-bookworm AS build
COPY . /src
RUN python -m venv /opt/klplint \
    && /opt/klplint/bin/pip install --no-cache-dir --disable-pip-version-check '/src[fast]'

FROM python:3.12.8-slim-bookworm
# git finds changed lines and ignored files; nothing else of the system is needed.
RUN apt-get update \
    && apt-get install --yes --no-install-recommends git \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --uid 1000 --create-home klplint
COPY --from=build /opt/klplint /opt/klplint
ENV PATH="/opt/klplint/bin:$PATH"
USER 1000:1000
WORKDIR /home/klplint
# A command, not an entry point: GitLab and Jenkins start a shell in the image.
CMD ["klplint", "--help"]
