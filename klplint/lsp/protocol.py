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
            message = "the method is not a string"
            return ResponseError(JsonRpcInvalidRequest.CODE, message)
        if method not in {**self.fm.features, **self.fm.builtin_features}:
            message = f"{JsonRpcMethodNotFound.MESSAGE}: {method}"
            return ResponseError(JsonRpcMethodNotFound.CODE, message)
        message = f"{method}: the parameters are missing or of a wrong type"
        details = [str(each) for each in getattr(error.__cause__, "exceptions", ())]
        return ResponseError(JsonRpcInvalidParams.CODE, ": ".join([message, *details[:1]]))
