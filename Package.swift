// swift-tools-version: 6.2
import PackageDescription

// The table of targets and the direction of their imports is law: `deploy/lint-imports` holds every
// `import` in Sources against it.  Rank 0 is the vocabulary, rank 6 the command line; a target imports
// lower ranks only.

/// Every Swift target of ours is built with the same strictness.
let strict: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .strictMemorySafety(),
    .treatAllWarnings(as: .error),
]

/// Tests read bytes in many ways; they are as strict as the product but for the memory-safety marks.
let strictTests: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .treatAllWarnings(as: .error),
]

/// The fuzzers exist only for `Tests/Fuzz/run`, which says where the toolchain keeps libFuzzer.
let fuzzerLibrary = Context.environment["GATEHOUSE_FUZZ"]

/// Folder, name, and what the fuzzer is made of.
let fuzzerKinds: [(String, String, [Target.Dependency])] = [
    ("RequestHead", "request-head", ["CFuzzer", "WireLaws"]),
    ("ResponseHead", "response-head", ["CFuzzer", "WireLaws"]),
    ("Body", "body", ["CFuzzer", "WireLaws"]),
    ("ProxyHeader", "proxy-header", ["CFuzzer", "WireLaws"]),
    ("HTTP2", "http2", ["CFuzzer", "WireLaws"]),
    ("WebAuthn", "webauthn", ["CFuzzer", "WebAuthnLaws"]),
    ("SAML", "saml", ["CFuzzer", "SAMLLaws", "TestSupport"]),
]

func fuzzers(linking library: String) -> [Target] {
    let linker: [LinkerSetting] = [.unsafeFlags([library, "-lstdc++"])]
    var targets: [Target] = [.target(name: "CFuzzer", path: "Tests/Fuzz/CFuzzer")]
    for (folder, name, dependencies) in fuzzerKinds {
        targets.append(
            .executableTarget(
                name: "fuzz-\(name)", dependencies: dependencies, path: "Tests/Fuzz/\(folder)",
                swiftSettings: strictTests, linkerSettings: linker))
    }
    return targets
}

let package = Package(
    name: "gatehouse",
    products: [
        .executable(name: "gatehouse", targets: ["gatehouse"])
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-http-types", from: "1.8.0"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
        .package(url: "https://github.com/hummingbird-project/swift-mustache", from: "2.1.1"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
    ],
    targets: [
        // Rank 0: C libraries of the host, and the vocabulary.
        .target(name: "CLinux"),
        .target(
            name: "COpenSSL",
            linkerSettings: [.linkedLibrary("ssl"), .linkedLibrary("crypto")]),
        .target(name: "CSodium", linkerSettings: [.linkedLibrary("sodium")]),
        .target(name: "CCrypt", linkerSettings: [.linkedLibrary("crypt")]),
        .target(name: "CCurl", linkerSettings: [.linkedLibrary("curl"), .linkedLibrary("ssl")]),
        .target(name: "CNGHTTP2", linkerSettings: [.linkedLibrary("nghttp2")]),
        .target(name: "CQRCode", linkerSettings: [.linkedLibrary("qrencode")]),
        // SwiftPM hands pkg-config's defines on to nobody, and without them xmlsec's structures have another layout.
        .target(
            name: "CXMLSec",
            cSettings: [
                .unsafeFlags(["-I/usr/include/libxml2", "-I/usr/include/xmlsec1"]),
                .define("XMLSEC_NO_SIZE_T"), .define("XMLSEC_OPENSSL3_ENGINES", to: "1"),
                .define("XMLSEC_NO_GOST", to: "1"), .define("XMLSEC_NO_GOST2012", to: "1"),
                .define("XMLSEC_NO_CRYPTO_DYNAMIC_LOADING", to: "1"), .define("XMLSEC_CRYPTO_OPENSSL", to: "1"),
            ],
            linkerSettings: [
                .linkedLibrary("xmlsec1-openssl"), .linkedLibrary("xmlsec1"), .linkedLibrary("xml2"),
                .linkedLibrary("crypto"), .linkedLibrary("z"),
            ]),
        .target(name: "CAssets", exclude: ["assets"]),
        .target(name: "Core", swiftSettings: strict),

        // Rank 1: one mechanism each, none of which knows the others.
        .target(name: "HostCrypto", dependencies: ["Core", "COpenSSL", "CSodium", "CCrypt"], swiftSettings: strict),
        .target(name: "HTTPWire", dependencies: ["Core", "CNGHTTP2"], swiftSettings: strict),
        .target(name: "EventLoop", dependencies: ["CLinux"], swiftSettings: strict),
        .target(
            name: "Access",
            dependencies: ["Core", .product(name: "HTTPTypes", package: "swift-http-types")],
            swiftSettings: strict),

        // Rank 2: the data plane.
        .target(
            name: "Proxy",
            dependencies: ["Core", "Access", "HTTPWire", "EventLoop", "HostCrypto"],
            swiftSettings: strict),

        // Rank 2: durable state.
        .target(
            name: "Store",
            dependencies: ["Core", "HostCrypto", .product(name: "GRDB", package: "GRDB.swift")],
            swiftSettings: strict),

        // Rank 2: what we ask of other servers.
        .target(name: "Outbound", dependencies: ["Core", "HostCrypto", "CCurl"], swiftSettings: strict),

        // Rank 2: one standard, without I/O.
        .target(name: "WebAuthn", dependencies: ["Core", "HostCrypto"], swiftSettings: strict),

        // Rank 2: what identity providers say.
        .target(name: "SAML", dependencies: ["Core", "HostCrypto", "CXMLSec"], swiftSettings: strict),

        // Rank 3: who is this.
        .target(
            name: "Login", dependencies: ["Core", "Store", "Outbound", "HostCrypto", "SAML", "WebAuthn"],
            swiftSettings: strict),

        // Rank 4: our own pages.
        .target(
            name: "Portal",
            dependencies: [
                "Core", "Access", "Login", "Store", "HostCrypto", "CAssets", "CQRCode",
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "Mustache", package: "swift-mustache"),
            ],
            swiftSettings: strict),

        // Rank 5: the composition root.
        .target(
            name: "Gateway",
            dependencies: [
                "Core", "Access", "HTTPWire", "EventLoop", "HostCrypto", "Outbound", "Proxy", "Store", "Login",
                "Portal", "SAML",
                "CLinux",
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "Yams", package: "Yams"),
            ],
            swiftSettings: strict),

        // Rank 6: the command line.
        .executableTarget(
            name: "gatehouse",
            dependencies: [
                "Core", "Gateway",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ],
            swiftSettings: strict),

        // The gateway with seeded sessions, for end-to-end tests and benchmarks.
        .executableTarget(
            name: "gatehouse-test-gateway",
            dependencies: ["Core", "Access", "HTTPWire", "EventLoop", "HostCrypto", "Gateway", "CTestHeap"],
            path: "Tests/Support/TestGateway",
            swiftSettings: strictTests),
        .target(name: "CTestHeap", path: "Tests/Support/CTestHeap"),

        // What tests share: seeds and files, laws of the codec that fuzzers hold too, a TLS client in memory.
        .target(name: "TestSupport", path: "Tests/Support/TestSupport", swiftSettings: strictTests),
        .target(
            name: "WireLaws", dependencies: ["HTTPWire", "Core"], path: "Tests/Support/WireLaws",
            swiftSettings: strictTests),
        .target(
            name: "SAMLLaws", dependencies: ["SAML", "Core"], path: "Tests/Support/SAMLLaws",
            swiftSettings: strictTests),
        .target(name: "CTestTLS", dependencies: ["COpenSSL"], path: "Tests/Support/CTestTLS"),
        .target(
            name: "WebAuthnLaws", dependencies: ["WebAuthn"], path: "Tests/Support/WebAuthnLaws",
            swiftSettings: strictTests),
        // Keys of every kind, right and wrong, and an authenticator that has one.
        .target(name: "CTestKeys", dependencies: ["COpenSSL"], path: "Tests/Support/CTestKeys"),
        .target(
            name: "TestAuthenticator", dependencies: ["WebAuthn", "HostCrypto", "Core", "CTestKeys"],
            path: "Tests/Support/TestAuthenticator", swiftSettings: strictTests),

        // Writes to a store until it is killed, for the tests that kill it.
        .executableTarget(
            name: "store-test-writer",
            dependencies: ["Core", "HostCrypto", "Store"],
            path: "Tests/Support/StoreWriter",
            swiftSettings: strictTests),

        // Tests mirror Sources.
        .testTarget(name: "CoreTests", dependencies: ["Core"], swiftSettings: strictTests),
        .testTarget(
            name: "HostCryptoTests",
            dependencies: ["HostCrypto", "Core", "CTestTLS", "TestAuthenticator", "TestSupport"],
            swiftSettings: strictTests),
        .testTarget(
            name: "HTTPWireTests", dependencies: ["HTTPWire", "Core", "TestSupport", "WireLaws"],
            swiftSettings: strictTests),
        .testTarget(name: "EventLoopTests", dependencies: ["EventLoop", "TestSupport"], swiftSettings: strictTests),
        .testTarget(name: "AccessTests", dependencies: ["Access", "Core"], swiftSettings: strictTests),
        .testTarget(
            name: "ProxyTests",
            dependencies: ["Proxy", "Access", "HTTPWire", "Core", "EventLoop", "HostCrypto", "TestSupport"],
            swiftSettings: strictTests),
        .testTarget(
            name: "LoginTests",
            dependencies: [
                "Login", "Outbound", "Store", "HostCrypto", "SAML", "WebAuthn", "Core", "TestAuthenticator",
                "TestSupport",
            ],
            swiftSettings: strictTests),
        .testTarget(
            name: "PortalTests",
            dependencies: [
                "Portal", "Access", "Login", "Store", "HostCrypto", "Core", "TestSupport",
                .product(name: "HTTPTypes", package: "swift-http-types"),
            ],
            swiftSettings: strictTests),
        .testTarget(
            name: "SAMLTests", dependencies: ["SAML", "Core", "TestSupport", "SAMLLaws"], swiftSettings: strictTests),
        .testTarget(
            name: "StoreTests", dependencies: ["Store", "HostCrypto", "EventLoop", "Core", "store-test-writer"],
            swiftSettings: strictTests),
        .testTarget(
            name: "WebAuthnTests",
            dependencies: ["WebAuthn", "HostCrypto", "Core", "TestAuthenticator", "TestSupport", "WebAuthnLaws"],
            swiftSettings: strictTests),
        .testTarget(
            name: "OutboundTests", dependencies: ["Outbound", "HostCrypto", "Core", "CTestTLS", "TestSupport"],
            swiftSettings: strictTests),
        .testTarget(
            name: "GatewayTests",
            dependencies: [
                "Gateway", "Proxy", "Access", "Login", "Outbound", "Store", "HostCrypto", "EventLoop", "Core",
                "TestSupport",
                .product(name: "HTTPTypes", package: "swift-http-types"),
            ],
            swiftSettings: strictTests),
        // The whole gateway in process, with hostile raw clients; and as a process of its own where its memory or its
        // descriptors are measured.
        .testTarget(
            name: "IntegrationTests",
            dependencies: [
                "Gateway", "Proxy", "Access", "Login", "Store", "Core", "EventLoop", "HTTPWire", "HostCrypto",
                "COpenSSL",
                "TestSupport",
            ],
            swiftSettings: strictTests),
    ] + (fuzzerLibrary.map { fuzzers(linking: $0) } ?? []),
    swiftLanguageModes: [.v6]
)
