public import Core

extension SecretInput {
    /// A password from standard input.
    /// - Throws: `OperatorFault` where there is none, or one longer than any password.
    public static func password() throws(OperatorFault) -> SecretBytes {
        guard var octets = octets() else {
            throw OperatorFault(
                .badData, "standard input has more bytes than a password may have, or cannot be read")
        }
        guard !octets.isEmpty else {
            throw OperatorFault(.badData, "standard input is empty; --password-stdin reads the password from it")
        }
        return SecretBytes(wiping: &octets)
    }
}
