#ifndef GATEHOUSE_CASSETS_H
#define GATEHOUSE_CASSETS_H

#include <stddef.h>

/// The files that travel inside the binary: read at compile time by `#embed` (C23), so that the program
/// needs no folder beside it and no file can be swapped under it.
typedef enum gatehouse_asset {
    GATEHOUSE_ASSET_LAYOUT,
    GATEHOUSE_ASSET_REFUSAL,
    GATEHOUSE_ASSET_ECHO,
    GATEHOUSE_ASSET_EMAIL,
    GATEHOUSE_ASSET_PASSWORD,
    GATEHOUSE_ASSET_NEW_PASSWORD,
    GATEHOUSE_ASSET_FORGOT,
    GATEHOUSE_ASSET_SET_PASSWORD,
    GATEHOUSE_ASSET_MESSAGE,
    GATEHOUSE_ASSET_CHOICE,
    GATEHOUSE_ASSET_LOGOUT,
    GATEHOUSE_ASSET_MAIL,
    GATEHOUSE_ASSET_MAIL_TEXT,
    GATEHOUSE_ASSET_COMMON_PASSWORDS,
    GATEHOUSE_ASSET_STYLE,
    GATEHOUSE_ASSET_ACCOUNT_NAVIGATION,
    GATEHOUSE_ASSET_ACCOUNT_FAULT,
    GATEHOUSE_ASSET_ACCOUNT_DATA,
    GATEHOUSE_ASSET_ACCOUNT_EMAIL,
    GATEHOUSE_ASSET_ACCOUNT_PROOF,
    GATEHOUSE_ASSET_ACCOUNT_SESSIONS
} gatehouse_asset;

/// The bytes of an asset, not terminated by a zero; they live as long as the program.  NULL for a number
/// that names none.
const unsigned char *gatehouse_asset_bytes(gatehouse_asset asset);

/// How many bytes the asset has; 0 for a number that names none.
size_t gatehouse_asset_length(gatehouse_asset asset);

#endif
