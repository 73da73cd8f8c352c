import Core
import Proxy
import Testing

@testable import Gateway

@Suite("Certificates, keys and secrets are looked at before anything starts")
struct FileCheckTests {
    private static let chainPlace = "g.yaml:2:78 listeners[0].tls.certificates[0].chain_file"
    private static let keyPlace = "g.yaml:2:95 listeners[0].tls.certificates[0].key_file"

    private func faults(_ change: (inout ConfigurationFolder) -> Void) -> [String] {
        var folder = ConfigurationFolder()
        change(&folder)
        return folder.faults()
    }

    private func warnings(_ change: (inout ConfigurationFolder) -> Void) -> [String] {
        var folder = ConfigurationFolder()
        change(&folder)
        #expect(folder.faults() == [])
        return folder.load().warnings.map(\.description)
    }

    @Test("a missing, unreadable or misplaced file is named with its reason")
    func unreadable() {
        #expect(
            faults { $0.files["/srv/c.pem"] = nil }
                == ["\(Self.chainPlace): c.pem: no such file; create it, or mend the path"])
        #expect(
            faults { $0.failures["/srv/k.key"] = .notPermitted } == [
                "\(Self.keyPlace): k.key: the file cannot be read: permission denied; give the gateway's user the right to read it"
            ])
        #expect(
            faults { $0.failures["/srv/c.pem"] = .isFolder } == [
                "\(Self.chainPlace): c.pem: this is a folder; name a file"
            ])
    }

    @Test("swapped files are recognised")
    func swapped() {
        let found = faults {
            $0.write("c.pem", ConfigurationFolder.key)
            $0.write("k.key", ConfigurationFolder.chain)
        }
        #expect(
            found == [
                "\(Self.chainPlace): c.pem holds no certificate; allowed: certificates in PEM (RFC 7468); it holds a key: are chain_file and key_file swapped?",
                "\(Self.keyPlace): k.key holds no private key; allowed: one private key in PEM (RFC 7468); it holds a certificate: are chain_file and key_file swapped?",
            ])
    }

    @Test(
        "what is no PEM is refused",
        arguments: [
            "", "certificate", "-----BEGIN CERTIFICATE-----\nMAA=\n",
            "-----BEGIN CERTIFICATE-----\n!!!\n-----END CERTIFICATE-----\n",
            "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
        ])
    func notPEM(_ text: String) {
        let found = faults { $0.write("c.pem", text) }
        #expect(found.count == 1)
        #expect(found.first?.hasPrefix(Self.chainPlace) == true)
    }

    @Test("a key with a passphrase is refused, old form and new")
    func encrypted() {
        let forms = [
            "-----BEGIN ENCRYPTED PRIVATE KEY-----\nMAA=\n-----END ENCRYPTED PRIVATE KEY-----\n",
            "-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,00\n\nMAA=\n-----END RSA PRIVATE KEY-----\n",
        ]
        for form in forms {
            #expect(
                faults { $0.write("k.key", form) } == [
                    "\(Self.keyPlace): k.key is encrypted; allowed: a key without passphrase; openssl pkey -in k.key -out NEW"
                ])
        }
    }

    @Test("a key that everybody can read is refused, one that its group can read is warned about")
    func permissions() {
        for mode: UInt32 in [0o604, 0o602, 0o666] {
            let found = faults { $0.write("k.key", ConfigurationFolder.key, permissions: mode) }
            #expect(
                found == [
                    "\(Self.keyPlace): k.key can be read or written by everybody; allowed: mode 0600, or 0640; chmod 600 k.key, and make a new key if others had the chance"
                ])
        }
        #expect(
            warnings { $0.write("k.key", ConfigurationFolder.key, permissions: 0o640) } == [
                "\(Self.keyPlace): warning: k.key can be read or written by its group; chmod 600 k.key unless that is meant"
            ])
        #expect(warnings { $0.write("k.key", ConfigurationFolder.key, permissions: 0o400) } == [])
    }

    @Test("what the closer look finds is told: a mismatch is a fault, a date a warning")
    func closerLook() {
        let found = { (fault: CertificateFault) in self.faults { $0.certificateCheck = { _, _ in fault } } }
        #expect(
            found(.mismatch) == [
                "\(Self.keyPlace): k.key is not the key of the first certificate in c.pem; name the pair that was made together, the server's own certificate first"
            ])
        #expect(found(.chainMalformed("bad ASN.1")) == ["\(Self.chainPlace): c.pem is not a readable chain: bad ASN.1"])
        #expect(found(.keyMalformed("bad ASN.1")) == ["\(Self.keyPlace): k.key is not a readable key: bad ASN.1"])
        #expect(
            warnings { $0.certificateCheck = { _, _ in .expired(WallTime(milliseconds: 1_709_164_800_000)) } }
                == ["\(Self.chainPlace): warning: c.pem expired at 2024-02-29T00:00:00Z; renew it"])
        #expect(
            warnings { $0.certificateCheck = { _, _ in .notYetValid(WallTime(milliseconds: 4_102_444_799_000)) } }
                == [
                    "\(Self.chainPlace): warning: c.pem is not valid before 2099-12-31T23:59:59Z; is the clock right?"
                ])
    }

    @Test("the closer look gets the bytes of both files")
    func bytes() {
        let found = faults {
            $0.certificateCheck = { chain, key in
                chain == Array(ConfigurationFolder.chain.utf8) && key == Array(ConfigurationFolder.key.utf8)
                    ? .mismatch : nil
            }
        }
        #expect(found.count == 1)
    }

    @Test(
        "a secret is 32 or more visible ASCII characters",
        arguments: [
            (
                "0123456789abcdef0123456789abcde\n",
                "secret holds 31 characters; allowed: 32 or more visible ASCII characters"
            ),
            ("", "secret holds 0 characters; allowed: 32 or more visible ASCII characters"),
            (
                "0123456789abcdef 0123456789abcdef",
                "secret holds spaces or characters that are not visible ASCII; allowed: one secret of 32 or more visible ASCII characters"
            ),
            (
                "0123456789abcdef0123456789abcdeü",
                "secret holds spaces or characters that are not visible ASCII; allowed: one secret of 32 or more visible ASCII characters"
            ),
        ])
    func secret(_ text: String, _ words: String) throws {
        var folder = ConfigurationFolder(
            upstreams: "upstreams: { app: { servers: [\"http://a\"], shared_secret_file: secret } }")
        folder.write("secret", " \n0123456789abcdef0123456789abcdef\r\n")
        #expect(try folder.settings().proxy.upstreams.map(\.sharedSecret) == ["0123456789abcdef0123456789abcdef"])
        folder.write("secret", text)
        #expect(
            folder.faults()
                == ["g.yaml:3:64 upstreams.app.shared_secret_file: \(words); openssl rand -hex 32 > secret"])
    }

    @Test("every file that was read is a source for the reload, once")
    func sources() throws {
        var folder = ConfigurationFolder(
            upstreams: "upstreams: { app: { servers: [\"http://a\"], shared_secret_file: /etc/secret } }")
        folder.write("/etc/secret", "0123456789abcdef0123456789abcdef")
        folder.write("tenants/t.yaml", "id: t\nname: T\n")
        #expect(
            try folder.settings("./g.yaml").sources.map { "\($0.kind) \($0.path)" } == [
                "gatehouse /srv/g.yaml", "tenantsDirectory /srv/tenants", "tenant /srv/tenants/t.yaml",
                "certificateChain /srv/c.pem", "certificateKey /srv/k.key", "sharedSecret /etc/secret",
            ])
    }
}
