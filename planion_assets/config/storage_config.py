"""The shape of `storage` in planion.yaml: what the clouds' own variables do not say of an object store."""

from typing import Annotated, Any

from pydantic import AfterValidator, Field, ValidationInfo, field_validator

from planion_assets.config.model_base import ADDRESS, VARIABLE, Model, bounded
from planion_assets.config.setting_values import checked_url, checked_variable_name

_VARIABLE_NAME = Annotated[str, AfterValidator(checked_variable_name)] | None
_S3, _GS, _AZ = "s3", "gs", "az"
_SCHEMES = {
    "region": _S3,
    "virtual_hosted_style": _S3,
    "access_key_id_env": _S3,
    "secret_access_key_env": _S3,
    "account_name": _AZ,
    "account_key_env": _AZ,
}
"""The keys that only one kind of store has, with the scheme of its addresses."""


def _secret(what: str, usual: str) -> Any:
    return Field(
        default=None,
        description=f"the name of the environment variable that holds {what}; {usual} unless given",
        json_schema_extra=VARIABLE,
    )


class StorageConfig(Model):
    """How an object store is reached. What is not given is what the cloud's own variables say."""

    # Before `endpoint`, whose validation reads it.
    allow_http: bool = Field(
        default=False,
        description="true to reach the store unencrypted on another machine than this one, false unless given",
    )
    endpoint: str | None = Field(
        default=None,
        description="the address of the store, for example https://minio.example.com; the cloud's own unless given",
        json_schema_extra=ADDRESS,
    )
    region: str | None = Field(
        default=None,
        description="the region of an S3 bucket, for example eu-central-1; AWS_REGION or us-east-1 unless given",
    )
    virtual_hosted_style: bool = Field(
        default=False,
        description="true where the S3 bucket's name is a part of the host name of the endpoint; false unless given",
    )
    account_name: str | None = Field(
        default=None, description="the storage account of an Azure container; AZURE_STORAGE_ACCOUNT_NAME unless given"
    )
    access_key_id_env: _VARIABLE_NAME = _secret("the ID of the access key of S3", "AWS_ACCESS_KEY_ID")
    secret_access_key_env: _VARIABLE_NAME = _secret("the secret access key of S3", "AWS_SECRET_ACCESS_KEY")
    account_key_env: _VARIABLE_NAME = _secret("the key of the Azure account", "AZURE_STORAGE_ACCOUNT_KEY")
    request_timeout: float = bounded("the seconds for one request to the store", 30.0, 0.1, 3600)
    retry_timeout: float = bounded(
        "the seconds for which a request is tried again while the store is busy or does not answer", 60.0, 0, 300
    )

    @field_validator("endpoint")
    @classmethod
    def _checked_endpoint(cls, endpoint: str, info: ValidationInfo) -> str:
        # An allow_http that is itself wrong has its own line; it is no reason to complain about the address.
        allow_http = info.data.get("allow_http", True)
        return checked_url(endpoint, allow_http, "https://minio.example.com", sends="rows and keys", below="storage")


def storage_problems(storage: StorageConfig, scheme: str) -> list[tuple[str, str]]:
    """The keys that do not go with addresses of that scheme, or not alone, each with what is wrong and what to do."""
    problems = [
        (key, f"is for {of}:// and data is {scheme}://; take it out")
        for key, of in _SCHEMES.items()
        if of != scheme and key in storage.model_fields_set
    ]
    pair = ("access_key_id_env", "secret_access_key_env")
    for key, other in (pair, pair[::-1]):
        if not problems and getattr(storage, key) is None and getattr(storage, other) is not None:
            problems.append((key, f"is not given, and {other} is; give both or neither"))
    return problems
