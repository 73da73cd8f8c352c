// HostCrypto
