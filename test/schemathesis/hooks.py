"""What schemathesis is told of this API besides its document. Named by `hooks` of the config that support/config.ts writes."""

import schemathesis


@schemathesis.hook
def before_call(context, case, kwargs):
    # A redirect is an answer: where it points (the bucket, by a presigned address) is no part of the API.
    kwargs["allow_redirects"] = False
