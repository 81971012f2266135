"""How the archive speaks to an S3 server."""

from typing import Any

from botocore.config import Config


def s3_options(bucket: str, endpoint_url: str, folder: str = "") -> dict[str, Any]:
    """The OPTIONS of `storages.backends.s3.S3Storage`; an empty endpoint means AWS, no folder all of the bucket.

    Credentials and region come from where boto3 finds them: environment variables, files, the machine's role.
    """
    return {
        "bucket_name": bucket,
        "location": folder,
        "endpoint_url": endpoint_url or None,
        "client_config": Config(
            connect_timeout=5,
            read_timeout=60,
            retries={"mode": "standard", "max_attempts": 5},
            # More than the threads that read and write: a connection that does not fit would be closed after one use.
            max_pool_connections=128,
            tcp_keepalive=True,
            # The checksum of an object says nothing about the ranges of it that we read.
            response_checksum_validation="when_required",
            # A server of one's own rarely has a host name for each bucket.
            s3={"addressing_style": "path" if endpoint_url else "auto"},
        ),
    }
