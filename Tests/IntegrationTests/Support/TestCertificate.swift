import COpenSSL
import Foundation

/// A self-signed certificate with its key, made for one test.
struct TestCertificate {
    /// PEM.
    let chain: String
    let key: String
    /// Tells certificates apart.
    let serial: Int

    struct Failure: Error {}

    /// - Parameters:
    ///   - names: DNS names.
    ///   - validity: seconds from now; negative where it has expired.
    init(
        serial: Int, names: [String] = ["app.example.org", "acme.example.org", "globex.example.org"],
        validity: Int = 86_400 * 90
    ) throws {
        self.serial = serial
        guard let generator = EVP_PKEY_CTX_new_id(EVP_PKEY_EC, nil), let certificate = X509_new() else {
            throw Failure()
        }
        defer {
            EVP_PKEY_CTX_free(generator)
            X509_free(certificate)
        }
        var pair: OpaquePointer?
        guard EVP_PKEY_keygen_init(generator) == 1,
            EVP_PKEY_CTX_set_ec_paramgen_curve_nid(generator, NID_X9_62_prime256v1) == 1,
            EVP_PKEY_keygen(generator, &pair) == 1, let pair
        else { throw Failure() }
        defer { EVP_PKEY_free(pair) }
        X509_set_version(certificate, 2)
        ASN1_INTEGER_set(X509_get_serialNumber(certificate), serial)
        X509_gmtime_adj(X509_getm_notBefore(certificate), min(-60, validity - 60))
        X509_gmtime_adj(X509_getm_notAfter(certificate), validity)
        X509_set_pubkey(certificate, pair)
        let subject = X509_get_subject_name(certificate)
        X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_ASC, names[0], -1, -1, 0)
        X509_set_issuer_name(certificate, subject)
        let alternatives = names.map { "DNS:\($0)" }.joined(separator: ",")
        guard let extensions = X509V3_EXT_conf_nid(nil, nil, NID_subject_alt_name, alternatives) else {
            throw Failure()
        }
        defer { X509_EXTENSION_free(extensions) }
        guard X509_add_ext(certificate, extensions, -1) == 1, X509_sign(certificate, pair, EVP_sha256()) > 0 else {
            throw Failure()
        }
        chain = try Self.text { PEM_write_bio_X509($0, certificate) }
        key = try Self.text { PEM_write_bio_PKCS8PrivateKey($0, pair, nil, nil, 0, nil, nil) }
    }

    private static func text(_ write: (OpaquePointer) -> Int32) throws -> String {
        guard let memory = BIO_new(BIO_s_mem()) else { throw Failure() }
        defer { BIO_free(memory) }
        guard write(memory) == 1 else { throw Failure() }
        var buffer = [UInt8](repeating: 0, count: 16_384)
        let count = BIO_read(memory, &buffer, Int32(buffer.count))
        guard count > 0 else { throw Failure() }
        return String(decoding: buffer[0..<Int(count)], as: UTF8.self)
    }

    /// What most tests serve.
    static let standard: Result<TestCertificate, any Error> = Result { try TestCertificate(serial: 1) }
}
