/// The version of this build.
public enum GatehouseVersion {
    /// As `gatehouse --version` prints it (Semantic Versioning 2.0.0).
    public static let text = "0.1.0"
}
