import CSodium
public import Core

/// Argon2id (RFC 9106) by libsodium, one lane, 16 bytes of salt, 32 of hash.
///
/// A call blocks its thread for as long as the hash takes (about 100 ms with the defaults) and takes the memory
/// named: callers bound how many run at once.
public enum Argon2id {
    /// How much a hash costs.  It is written into each hash, so that it may change.
    public struct Cost: Hashable, Sendable {
        /// KiB, 8192…1048576.
        public let memory: Int
        /// Passes over the memory, 1…16.
        public let passes: Int

        /// 64 MiB, 3 passes.
        public static let standard = Cost(uncheckedMemory: 65536, passes: 3)
        public static let memoryBounds = 8192...1_048_576
        public static let passesBounds = 1...16

        /// Nil outside the bounds.
        public init?(memory: Int, passes: Int) {
            guard Self.memoryBounds.contains(memory), Self.passesBounds.contains(passes) else { return nil }
            self.init(uncheckedMemory: memory, passes: passes)
        }

        private init(uncheckedMemory memory: Int, passes: Int) { (self.memory, self.passes) = (memory, passes) }
    }

    /// Why no hash came.
    public enum Fault: Error, Sendable, Hashable {
        /// The machine has not the memory that the cost asks for; ours to mend, never the caller's.
        case outOfMemory
        /// libsodium cannot be used on this machine.
        case unavailable
    }

    /// An encoded hash in the PHC form: `$argon2id$v=19$m=65536,t=3,p=1$salt$hash`.
    public struct EncodedHash: Hashable, Sendable {
        public let text: String
        /// What it cost when it was made.
        public let cost: Cost

        /// Nil for anything but Argon2id version 19 with one lane, a cost within the bounds, 16 bytes of salt
        /// and 32 of hash: a changed text can neither name another function nor ask for a terabyte.
        public init?(_ text: String) {
            guard text.utf8.count < Int(GH_ARGON2ID_CAPACITY) else { return nil }
            let parts = text.split(separator: "$", omittingEmptySubsequences: false)
            guard parts.count == 6, parts[0].isEmpty, parts[1] == "argon2id", parts[2] == "v=19" else { return nil }
            let costs = parts[3].split(separator: ",", omittingEmptySubsequences: false)
            guard costs.count == 3, let memory = Self.number(costs[0], "m="), let passes = Self.number(costs[1], "t="),
                costs[2] == "p=1", let cost = Cost(memory: memory, passes: passes),
                Base64.decode(Self.padded(parts[4]), alphabet: .standard)?.count == 16,
                Base64.decode(Self.padded(parts[5]), alphabet: .standard)?.count == 32
            else { return nil }
            self.text = text
            self.cost = cost
        }

        /// Whether it was made at another cost than the one wanted now.
        public func needsRehash(for wanted: Cost) -> Bool { cost != wanted }

        private static func number(_ text: Substring, _ name: String) -> Int? {
            guard text.hasPrefix(name) else { return nil }
            let digits = text.dropFirst(name.count)
            guard !digits.isEmpty, digits.utf8.count <= 7, digits.first != "0",
                digits.utf8.allSatisfy({ (0x30...0x39).contains($0) })
            else { return nil }
            return Int(digits)
        }

        /// The form writes base64 without padding.
        private static func padded(_ text: Substring) -> [UInt8] {
            Array(text.utf8) + repeatElement(UInt8(ascii: "="), count: (4 - text.utf8.count % 4) % 4)
        }
    }

    /// Hashes with a fresh random salt.
    public static func hash(_ password: borrowing SecretBytes, cost: Cost = .standard) throws(Fault) -> EncodedHash {
        guard gh_sodium_prepare() == 1 else { throw .unavailable }
        var encoded = [CChar](repeating: 0, count: Int(GH_ARGON2ID_CAPACITY))
        let result = password.withBytes { password in
            unsafe password.withUnsafeBytes { password in
                // `encoded` has the capacity that the call fills, its ending zero included.
                unsafe gh_argon2id_hash(
                    &encoded, octets(password), password.count, UInt32(cost.memory), UInt32(cost.passes))
            }
        }
        guard result == 1 else { throw .outOfMemory }
        let text = String(decoding: encoded.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
        guard let hash = EncodedHash(text) else { throw .unavailable }
        return hash
    }

    /// Whether `hash` is the password's.  Takes as long for a right as for a wrong one.
    public static func isPassword(_ password: borrowing SecretBytes, of hash: EncodedHash) throws(Fault) -> Bool {
        guard gh_sodium_prepare() == 1 else { throw .unavailable }
        return password.withBytes { password in
            unsafe password.withUnsafeBytes { password in
                unsafe gh_argon2id_verify(hash.text, octets(password), password.count) == 1
            }
        }
    }
}
