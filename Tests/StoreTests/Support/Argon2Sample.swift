import HostCrypto
import Store

/// A hash that costs nothing to make.
enum Argon2Sample {
    static let hash = Argon2id.EncodedHash(
        "$argon2id$v=19$m=8192,t=1,p=1$MDEyMzQ1Njc4OWFiY2RlZg$FiQJDIwP7vwwQTfnPvVDtgLiPMZkI8DZXyYNHEKd8ms")
    static let other = Argon2id.EncodedHash(
        "$argon2id$v=19$m=19456,t=2,p=1$AP8A/wD/AP8A/wD/AP8A/w$YhpOjqofyt5zyxnZI7uSIupv+QGJ5ubs9v6wIDczxsM")
}

func argon2Sample() throws -> Argon2id.EncodedHash {
    guard let hash = Argon2Sample.hash else { throw StoreConflict.notFound }
    return hash
}
