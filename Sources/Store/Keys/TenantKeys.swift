import Core
import HostCrypto

/// The keys of one tenant, or of the directory, unwrapped.
final class TenantKeys: Sendable {
    /// The tenant's id; empty for the directory's keys.
    let scope: String
    /// Seals what concerns nobody in particular.
    let records: SealingKey
    /// Wraps persons' keys.
    let wrapper: SealingKey
    /// Hashes look-ups.
    let index: IndexKey
    /// Authenticates rows.
    let rows: RowKey
    /// Seals forms; the directory's is the one that is used.
    let forms: FormSeal

    /// What a key in `tenant_key` is for; each is random on its own, so that rotation of one leaves the others.
    enum Purpose: String, CaseIterable {
        case root, index, rows
    }

    init(scope: String, root: SealingKey, index: consuming SecretBytes, rows: consuming SecretBytes) {
        func derived(_ purpose: String) -> SecretBytes {
            root.withSecret { secret in
                HKDFSHA256.derive(
                    from: secret, salt: Array("gatehouse tenant 1".utf8), info: Array(purpose.utf8), count: 32)
            }
        }
        self.scope = scope
        records = SealingKey(version: root.version, secret: derived("records"))
        wrapper = SealingKey(version: root.version, secret: derived("wrap person keys"))
        forms = FormSeal(sealing: derived("seal forms"), codes: derived("form codes"))
        self.index = IndexKey(index)
        self.rows = RowKey(rows)
    }
}
