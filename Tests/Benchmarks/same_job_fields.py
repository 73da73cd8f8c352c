"""The fields that a client may forge; a proxy must forward none of them as they came."""

LOOK_ALIKE_NAMES = (
    "X-User-ID", "x-user-id", "X_User_ID", "X-Tenant-ID", "x_tenant_id", "X-User-Email", "X-User-Name", "X-User-Roles",
    "X-User-External-ID", "X-Auth-Factors", "X-Session-ID", "X-Gatehouse-Assertion", "X-Forwarded-For",
    "X-Forwarded-Host", "X-Forwarded-Proto", "X-Real-IP", "X-Original-URL", "X-Rewrite-URL", "Forwarded",
)
