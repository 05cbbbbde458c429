"""The protocol as pygls speaks it, with an answer to each request that cannot be read."""

from __future__ import annotations

from typing import Any

from lsprotocol.types import ResponseError
from pygls.exceptions import (
    JsonRpcException,
    JsonRpcInvalidParams,
    JsonRpcInvalidRequest,
    JsonRpcMethodNotFound,
)
from pygls.protocol import LanguageServerProtocol


class AnsweringProtocol(LanguageServerProtocol):
    """Answers requests without parameters, or with some of a wrong type: pygls only logs them."""

    def structure_message(self, data: dict[str, Any]) -> object:
        """The message that a client has sent. Raises JsonRpcException for a malformed one."""
        try:
            return super().structure_message(data)
        except JsonRpcException as error:
            number = data.get("id")
            if "method" in data and isinstance(number, (str, int)):
                self._send_response(number, error=self._fault(data, error))
            raise

    def _fault(self, data: dict[str, Any], error: JsonRpcException) -> ResponseError:
        """What is wrong with a request that cannot be read."""
        method = data["method"]
        if not isinstance(method, str):
            return JsonRpcInvalidRequest("the method is not a string").to_response_error()
        if method not in {**self.fm.features, **self.fm.builtin_features}:
            return JsonRpcMethodNotFound.of(method).to_response_error()
        cause = error.__cause__
        reason = f"{method}: the parameters are missing or of a wrong type"
        details = [str(each) for each in getattr(cause, "exceptions", ())]
        return JsonRpcInvalidParams(": ".join([reason, *details[:1]])).to_response_error()
