import CCurl
import Core
import HostCrypto

/// A transfer of libcurl's, whose object owns all its memory; one thread at a time.
@safe final class CurlTransfer {
    // The pointer is freed in `deinit` alone, and what is read from it is copied before the call returns.
    private let pointer: OpaquePointer

    /// Once a process (libcurl's `curl_global_init`).
    static let isPrepared = gh_curl_prepare() == 1

    init(longestHead: Int, longestBody: Int) throws(ProbeFailure) {
        guard Self.isPrepared, let pointer = unsafe gh_transfer_create(longestHead, longestBody) else {
            throw .broken("libcurl cannot be used")
        }
        unsafe self.pointer = pointer
    }

    deinit { unsafe gh_transfer_free(pointer) }

    /// What is asked, and nothing that it does not say: HTTP/1.1 alone, no redirects, no proxies.
    func set(url: String, method: String) throws(ProbeFailure) {
        try set(CURLOPT_PROTOCOLS_STR, "https,http")
        try set(CURLOPT_URL, url)
        try set(CURLOPT_USERAGENT, "gatehouse-doctor")
        // An empty text is no proxy at all, whatever the environment says.
        try set(CURLOPT_PROXY, "")
        try set(CURLOPT_NOPROXY, "*")
        try set(CURLOPT_FOLLOWLOCATION, 0)
        try set(CURLOPT_NETRC, Int(CURL_NETRC_IGNORED.rawValue))
        try set(CURLOPT_PATH_AS_IS, 1)
        try set(CURLOPT_HTTP_VERSION, Int(CURL_HTTP_VERSION_1_1))
        try set(CURLOPT_HTTP09_ALLOWED, 0)
        try set(CURLOPT_FRESH_CONNECT, 1)
        // HEAD has no body, whatever its length says.
        if method == "HEAD" { try set(CURLOPT_NOBODY, 1) } else { try set(CURLOPT_CUSTOMREQUEST, method) }
    }

    /// A document by https, and nothing else by redirects; no cookies, no proxies, and no connection but to addresses
    /// that `admit` was given a word on.
    func setFetch(url: String, mostRedirects: Int) throws(ProbeFailure) {
        try set(url: url, method: "GET")
        try set(CURLOPT_USERAGENT, "gatehouse")
        try set(CURLOPT_PROTOCOLS_STR, "https")
        try set(CURLOPT_REDIR_PROTOCOLS_STR, "https")
        try set(CURLOPT_FOLLOWLOCATION, 1)
        try set(CURLOPT_MAXREDIRS, mostRedirects)
    }

    /// Has every address looked at before there is a connection to it.
    func admit(_ guardian: AddressGuard) {
        self.guardian = guardian
        unsafe gh_transfer_admit(
            pointer,
            { octets, argument in
                guard let octets = unsafe octets, let argument = unsafe argument else { return 0 }
                // The transfer holds the guardian for as long as libcurl may call; sixteen bytes are lent.
                let guardian = unsafe Unmanaged<AddressGuard>.fromOpaque(argument).takeUnretainedValue()
                var halves: (high: UInt64, low: UInt64) = (0, 0)
                for index in 0..<8 {
                    halves.high = unsafe halves.high << 8 | UInt64(octets[index])
                    halves.low = unsafe halves.low << 8 | UInt64(octets[index + 8])
                }
                return guardian.admits(ClientAddress(high: halves.high, low: halves.low)) ? 1 : 0
            }, Unmanaged.passUnretained(guardian).toOpaque())
    }

    private var guardian: AddressGuard?

    func setBounds(connectMilliseconds: Int, totalMilliseconds: Int) throws(ProbeFailure) {
        try set(CURLOPT_NOSIGNAL, 1)
        try set(CURLOPT_CONNECTTIMEOUT_MS, connectMilliseconds)
        try set(CURLOPT_TIMEOUT_MS, totalMilliseconds)
        self.totalMilliseconds = totalMilliseconds
    }

    private var totalMilliseconds = 0

    func set(versions: ClosedRange<TLSVersion>) throws(ProbeFailure) {
        let lowest =
            switch versions.lowerBound {
            case .tls10: CURL_SSLVERSION_TLSv1_0
            case .tls11: CURL_SSLVERSION_TLSv1_1
            case .tls12: CURL_SSLVERSION_TLSv1_2
            case .tls13: CURL_SSLVERSION_TLSv1_3
            }
        let highest =
            switch versions.upperBound {
            case .tls10: CURL_SSLVERSION_MAX_TLSv1_0
            case .tls11: CURL_SSLVERSION_MAX_TLSv1_1
            case .tls12: CURL_SSLVERSION_MAX_TLSv1_2
            case .tls13: CURL_SSLVERSION_MAX_TLSv1_3
            }
        try set(CURLOPT_SSLVERSION, lowest | highest)
        // The distribution's own floor must not be taken for the peer's.
        if versions.lowerBound < .tls12 { try set(CURLOPT_SSL_CIPHER_LIST, "ALL:@SECLEVEL=0") }
    }

    func set(trust: HTTPSProbe.Trust) throws(ProbeFailure) {
        try set(CURLOPT_CERTINFO, 1)
        switch trust {
        case .systemStore: break
        case .file(let path):
            try set(CURLOPT_CAINFO, path)
            // The machine's folder of authorities would count beside the file.
            try demand(unsafe gh_transfer_set_text(pointer, CURLOPT_CAPATH, nil))
        case .withoutVerification:
            try set(CURLOPT_SSL_VERIFYPEER, 0)
            try set(CURLOPT_SSL_VERIFYHOST, 0)
            return
        }
        try set(CURLOPT_SSL_VERIFYPEER, 1)
        try set(CURLOPT_SSL_VERIFYHOST, 2)
    }

    func addField(_ line: String) throws(ProbeFailure) { try demand(unsafe gh_transfer_add_field(pointer, line)) }

    func addResolve(_ entry: String) throws(ProbeFailure) { try demand(unsafe gh_transfer_add_resolve(pointer, entry)) }

    /// Asks and waits; a body that was cut is an answer.
    func perform() throws(ProbeFailure) {
        let code = unsafe gh_transfer_perform(pointer)
        guard code != CURLE_WRITE_ERROR || !isCut else { return }
        try demand(code)
    }

    func connect() throws(ProbeFailure) { try demand(unsafe gh_transfer_connect(pointer)) }

    /// A peer that resets the connection after its answer, or instead of one, has answered in its way.
    func exchange(_ bytes: [UInt8]) throws(ProbeFailure) {
        let code = unsafe bytes.withUnsafeBufferPointer { source in
            // The bytes are read during the call alone.
            unsafe gh_transfer_exchange(pointer, source.baseAddress, source.count, totalMilliseconds)
        }
        guard code != CURLE_RECV_ERROR, code != CURLE_SEND_ERROR else { return }
        try demand(code)
    }

    var head: [UInt8] {
        var count = 0
        let bytes = unsafe gh_transfer_head(pointer, &count)
        return unsafe Array(UnsafeBufferPointer(start: bytes, count: count))
    }

    var body: [UInt8] {
        var count = 0
        let bytes = unsafe gh_transfer_body(pointer, &count)
        return unsafe Array(UnsafeBufferPointer(start: bytes, count: count))
    }

    var isCut: Bool { unsafe gh_transfer_is_cut(pointer) == 1 }

    var versionName: String { unsafe String(cString: gh_transfer_tls_version(pointer)) }

    /// The peer's certificates that can be read.
    var chain: [PeerCertificate] {
        (0..<HTTPSProbe.longestChain).compactMap { index in
            guard let text = unsafe gh_transfer_certificate(pointer, Int32(index)) else { return nil }
            return unsafe PeerCertificate(pem: Array(String(cString: text).utf8))
        }
    }

    private func set(_ option: CURLoption, _ value: Int) throws(ProbeFailure) {
        try demand(unsafe gh_transfer_set_number(pointer, option, value))
    }

    private func set(_ option: CURLoption, _ text: String) throws(ProbeFailure) {
        try demand(unsafe gh_transfer_set_text(pointer, option, text))
    }

    private func demand(_ code: CURLcode) throws(ProbeFailure) {
        guard code != CURLE_OK else { return }
        let words = unsafe String(cString: gh_transfer_words(pointer, code))
        switch code {
        case CURLE_URL_MALFORMAT, CURLE_UNSUPPORTED_PROTOCOL, CURLE_BAD_FUNCTION_ARGUMENT: throw .malformed(words)
        case CURLE_COULDNT_RESOLVE_HOST: throw .unresolved(words)
        case CURLE_COULDNT_CONNECT: throw .unreachable(words)
        case CURLE_OPERATION_TIMEDOUT: throw .timedOut(words)
        case CURLE_SSL_CONNECT_ERROR where Self.isPeersDoing(words): throw .handshakeRefused(words)
        case CURLE_SSL_CONNECT_ERROR: throw .handshakeBroken(words)
        case CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_ISSUER_ERROR: throw .certificateRefused(words)
        case CURLE_SSL_CACERT_BADFILE: throw .trustUnreadable(words)
        default: throw .broken(words)
        }
    }

    /// Whether an alert or an end came from the peer (OpenSSL's words by way of libcurl); all else is this machine's own.
    private static func isPeersDoing(_ words: String) -> Bool {
        [" alert ", "unexpected eof", "SSL_ERROR_SYSCALL", "reset by peer", "Broken pipe"].contains {
            words.contains($0)
        }
    }
}
