#include "CAssets.h"

// `#embed` is C23 (6.10.4); clang takes it in every earlier mode too, and the package manager has no name
// for C23 yet.
#pragma clang diagnostic ignored "-Wc23-extensions"

static const unsigned char layout[] = {
#embed "assets/layout.mustache"
};

static const unsigned char refusal[] = {
#embed "assets/refusal.mustache"
};

static const unsigned char echo[] = {
#embed "assets/echo.mustache"
};

static const unsigned char email[] = {
#embed "assets/email.mustache"
};

static const unsigned char password[] = {
#embed "assets/password.mustache"
};

static const unsigned char new_password[] = {
#embed "assets/new-password.mustache"
};

static const unsigned char forgot[] = {
#embed "assets/forgot.mustache"
};

static const unsigned char set_password[] = {
#embed "assets/set-password.mustache"
};

static const unsigned char message[] = {
#embed "assets/message.mustache"
};

static const unsigned char choice[] = {
#embed "assets/choice.mustache"
};

static const unsigned char logout[] = {
#embed "assets/logout.mustache"
};

static const unsigned char mail[] = {
#embed "assets/mail.mustache"
};

static const unsigned char mail_text[] = {
#embed "assets/mail-text.mustache"
};

// The 10,000 most common passwords; common-passwords.md says where they are from.
static const unsigned char common_passwords[] = {
#embed "assets/common-passwords.txt"
};

static const unsigned char style[] = {
#embed "assets/style.css"
};

static const unsigned char account_navigation[] = {
#embed "assets/account-navigation.mustache"
};

static const unsigned char account_fault[] = {
#embed "assets/account-fault.mustache"
};

static const unsigned char account_data[] = {
#embed "assets/account-data.mustache"
};

static const unsigned char account_email[] = {
#embed "assets/account-email.mustache"
};

static const unsigned char account_proof[] = {
#embed "assets/account-proof.mustache"
};

static const unsigned char account_sessions[] = {
#embed "assets/account-sessions.mustache"
};

static const unsigned char passkeys[] = {
#embed "assets/passkeys.js"
};

static const unsigned char passkey_words[] = {
#embed "assets/passkey-words.mustache"
};

static const unsigned char second_factor[] = {
#embed "assets/second-factor.mustache"
};

static const unsigned char enrol[] = {
#embed "assets/enrol.mustache"
};

static const unsigned char recovery_codes[] = {
#embed "assets/recovery-codes.mustache"
};

static const unsigned char passkey_offer[] = {
#embed "assets/passkey-offer.mustache"
};

static const unsigned char account_factors[] = {
#embed "assets/account-factors.mustache"
};

static const unsigned char account_factor_app[] = {
#embed "assets/account-factor-app.mustache"
};

static const unsigned char account_factor_passkey[] = {
#embed "assets/account-factor-passkey.mustache"
};

static const unsigned char account_factor_code[] = {
#embed "assets/account-factor-code.mustache"
};

static const unsigned char account_factor_name[] = {
#embed "assets/account-factor-name.mustache"
};

static const unsigned char account_factor_removal[] = {
#embed "assets/account-factor-removal.mustache"
};

static const unsigned char account_recovery_codes[] = {
#embed "assets/account-recovery-codes.mustache"
};

static const unsigned char submit[] = {
#embed "assets/submit.js"
};

static const unsigned char provider_form[] = {
#embed "assets/provider-form.mustache"
};

static const unsigned char connections[] = {
#embed "assets/connections.mustache"
};

const unsigned char *gatehouse_asset_bytes(gatehouse_asset asset) {
    switch (asset) {
    case GATEHOUSE_ASSET_LAYOUT: return layout;
    case GATEHOUSE_ASSET_REFUSAL: return refusal;
    case GATEHOUSE_ASSET_ECHO: return echo;
    case GATEHOUSE_ASSET_EMAIL: return email;
    case GATEHOUSE_ASSET_PASSWORD: return password;
    case GATEHOUSE_ASSET_NEW_PASSWORD: return new_password;
    case GATEHOUSE_ASSET_FORGOT: return forgot;
    case GATEHOUSE_ASSET_SET_PASSWORD: return set_password;
    case GATEHOUSE_ASSET_MESSAGE: return message;
    case GATEHOUSE_ASSET_CHOICE: return choice;
    case GATEHOUSE_ASSET_LOGOUT: return logout;
    case GATEHOUSE_ASSET_MAIL: return mail;
    case GATEHOUSE_ASSET_MAIL_TEXT: return mail_text;
    case GATEHOUSE_ASSET_COMMON_PASSWORDS: return common_passwords;
    case GATEHOUSE_ASSET_STYLE: return style;
    case GATEHOUSE_ASSET_ACCOUNT_NAVIGATION: return account_navigation;
    case GATEHOUSE_ASSET_ACCOUNT_FAULT: return account_fault;
    case GATEHOUSE_ASSET_ACCOUNT_DATA: return account_data;
    case GATEHOUSE_ASSET_ACCOUNT_EMAIL: return account_email;
    case GATEHOUSE_ASSET_ACCOUNT_PROOF: return account_proof;
    case GATEHOUSE_ASSET_ACCOUNT_SESSIONS: return account_sessions;
    case GATEHOUSE_ASSET_PASSKEYS: return passkeys;
    case GATEHOUSE_ASSET_PASSKEY_WORDS: return passkey_words;
    case GATEHOUSE_ASSET_SECOND_FACTOR: return second_factor;
    case GATEHOUSE_ASSET_ENROL: return enrol;
    case GATEHOUSE_ASSET_RECOVERY_CODES: return recovery_codes;
    case GATEHOUSE_ASSET_PASSKEY_OFFER: return passkey_offer;
    case GATEHOUSE_ASSET_ACCOUNT_FACTORS: return account_factors;
    case GATEHOUSE_ASSET_ACCOUNT_FACTOR_APP: return account_factor_app;
    case GATEHOUSE_ASSET_ACCOUNT_FACTOR_PASSKEY: return account_factor_passkey;
    case GATEHOUSE_ASSET_ACCOUNT_FACTOR_CODE: return account_factor_code;
    case GATEHOUSE_ASSET_ACCOUNT_FACTOR_NAME: return account_factor_name;
    case GATEHOUSE_ASSET_ACCOUNT_FACTOR_REMOVAL: return account_factor_removal;
    case GATEHOUSE_ASSET_ACCOUNT_RECOVERY_CODES: return account_recovery_codes;
    case GATEHOUSE_ASSET_SUBMIT: return submit;
    case GATEHOUSE_ASSET_PROVIDER_FORM: return provider_form;
    case GATEHOUSE_ASSET_CONNECTIONS: return connections;
    }
    return NULL;
}

size_t gatehouse_asset_length(gatehouse_asset asset) {
    switch (asset) {
    case GATEHOUSE_ASSET_LAYOUT: return sizeof layout;
    case GATEHOUSE_ASSET_REFUSAL: return sizeof refusal;
    case GATEHOUSE_ASSET_ECHO: return sizeof echo;
    case GATEHOUSE_ASSET_EMAIL: return sizeof email;
    case GATEHOUSE_ASSET_PASSWORD: return sizeof password;
    case GATEHOUSE_ASSET_NEW_PASSWORD: return sizeof new_password;
    case GATEHOUSE_ASSET_FORGOT: return sizeof forgot;
    case GATEHOUSE_ASSET_SET_PASSWORD: return sizeof set_password;
    case GATEHOUSE_ASSET_MESSAGE: return sizeof message;
    case GATEHOUSE_ASSET_CHOICE: return sizeof choice;
    case GATEHOUSE_ASSET_LOGOUT: return sizeof logout;
    case GATEHOUSE_ASSET_MAIL: return sizeof mail;
    case GATEHOUSE_ASSET_MAIL_TEXT: return sizeof mail_text;
    case GATEHOUSE_ASSET_COMMON_PASSWORDS: return sizeof common_passwords;
    case GATEHOUSE_ASSET_STYLE: return sizeof style;
    case GATEHOUSE_ASSET_ACCOUNT_NAVIGATION: return sizeof account_navigation;
    case GATEHOUSE_ASSET_ACCOUNT_FAULT: return sizeof account_fault;
    case GATEHOUSE_ASSET_ACCOUNT_DATA: return sizeof account_data;
    case GATEHOUSE_ASSET_ACCOUNT_EMAIL: return sizeof account_email;
    case GATEHOUSE_ASSET_ACCOUNT_PROOF: return sizeof account_proof;
    case GATEHOUSE_ASSET_ACCOUNT_SESSIONS: return sizeof account_sessions;
    case GATEHOUSE_ASSET_PASSKEYS: return sizeof passkeys;
    case GATEHOUSE_ASSET_PASSKEY_WORDS: return sizeof passkey_words;
    case GATEHOUSE_ASSET_SECOND_FACTOR: return sizeof second_factor;
    case GATEHOUSE_ASSET_ENROL: return sizeof enrol;
    case GATEHOUSE_ASSET_RECOVERY_CODES: return sizeof recovery_codes;
    case GATEHOUSE_ASSET_PASSKEY_OFFER: return sizeof passkey_offer;
    case GATEHOUSE_ASSET_ACCOUNT_FACTORS: return sizeof account_factors;
    case GATEHOUSE_ASSET_ACCOUNT_FACTOR_APP: return sizeof account_factor_app;
    case GATEHOUSE_ASSET_ACCOUNT_FACTOR_PASSKEY: return sizeof account_factor_passkey;
    case GATEHOUSE_ASSET_ACCOUNT_FACTOR_CODE: return sizeof account_factor_code;
    case GATEHOUSE_ASSET_ACCOUNT_FACTOR_NAME: return sizeof account_factor_name;
    case GATEHOUSE_ASSET_ACCOUNT_FACTOR_REMOVAL: return sizeof account_factor_removal;
    case GATEHOUSE_ASSET_ACCOUNT_RECOVERY_CODES: return sizeof account_recovery_codes;
    case GATEHOUSE_ASSET_SUBMIT: return sizeof submit;
    case GATEHOUSE_ASSET_PROVIDER_FORM: return sizeof provider_form;
    case GATEHOUSE_ASSET_CONNECTIONS: return sizeof connections;
    }
    return 0;
}
