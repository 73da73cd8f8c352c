import CCurl
import Core

/// A mail on its way through libcurl, whose object owns all its memory; one thread at a time.
@safe final class MailTransfer {
    // The pointer is freed in `deinit` alone, and what is read from it is copied before the call returns.
    private let pointer: OpaquePointer

    init() throws(DeliveryFailure) {
        guard CurlTransfer.isPrepared, let pointer = unsafe gh_transfer_create(SMTPDelivery.longestConversation, 0)
        else { throw .unavailable("libcurl cannot be used") }
        unsafe self.pointer = pointer
    }

    deinit { unsafe gh_transfer_free(pointer) }

    /// Where to, and what is verified there.
    func set(_ server: SMTPServer) throws(DeliveryFailure) {
        try set(CURLOPT_PROTOCOLS_STR, "smtp,smtps")
        try set(CURLOPT_URL, server.greetingName.isEmpty ? server.url : "\(server.url)/\(server.greetingName)")
        // An empty text is no proxy at all, whatever the environment says.
        try set(CURLOPT_PROXY, "")
        try set(CURLOPT_NOPROXY, "*")
        try set(CURLOPT_NETRC, Int(CURL_NETRC_IGNORED.rawValue))
        try set(CURLOPT_FRESH_CONNECT, 1)
        try set(CURLOPT_NOSIGNAL, 1)
        let total = Int(clamping: server.timeout.count)
        try set(CURLOPT_CONNECTTIMEOUT_MS, min(SMTPDelivery.connectMilliseconds, total))
        try set(CURLOPT_TIMEOUT_MS, total)
        // For each answer of the server (RFC 5321 §4.5.3.2 is more patient; the whole is bounded anyway).
        try set(CURLOPT_SERVER_RESPONSE_TIMEOUT, max(1, total / 1000))
        try set(CURLOPT_SSLVERSION, CURL_SSLVERSION_TLSv1_2)
        try set(CURLOPT_SSL_VERIFYPEER, 1)
        try set(CURLOPT_SSL_VERIFYHOST, 2)
        if let file = server.authorityFile {
            try set(CURLOPT_CAINFO, file)
            // The machine's folder of authorities would count beside the file.
            try demand(unsafe gh_transfer_set_text(pointer, CURLOPT_CAPATH, nil))
        }
        let level =
            switch server.startTLS {
            case _ where server.isImplicitTLS: CURLUSESSL_ALL
            case .required: CURLUSESSL_ALL
            case .opportunistic: CURLUSESSL_TRY
            case .disabled: CURLUSESSL_NONE
            }
        try set(CURLOPT_USE_SSL, Int(level.rawValue))
        if let credentials = server.credentials {
            try set(CURLOPT_USERNAME, credentials.username)
            try set(CURLOPT_PASSWORD, credentials.password)
        }
    }

    /// Sends one mail to one recipient.
    func send(_ octets: [UInt8], from: String, to: String) throws(DeliveryFailure) {
        try set(CURLOPT_MAIL_FROM, "<\(from)>")
        try demand(unsafe gh_transfer_add_recipient(pointer, "<\(to)>"))
        let copied = unsafe octets.withUnsafeBufferPointer { source in
            // The bytes are copied before the call returns.
            unsafe gh_transfer_set_upload(pointer, source.baseAddress, source.count)
        }
        try demand(copied)
        try demand(unsafe gh_transfer_perform(pointer))
    }

    /// Goes as far as a mail would begin; the version of TLS, nil in clear.
    func greet() throws(DeliveryFailure) -> TLSVersion? {
        try set(CURLOPT_CUSTOMREQUEST, "NOOP")
        try set(CURLOPT_NOBODY, 1)
        try demand(unsafe gh_transfer_perform(pointer))
        return unsafe TLSVersion(openSSLName: String(cString: gh_transfer_tls_version(pointer)))
    }

    private var conversation: SMTPConversation {
        var count = 0
        let bytes = unsafe gh_transfer_head(pointer, &count)
        let code = unsafe Int(gh_transfer_status(pointer))
        return unsafe SMTPConversation(Array(UnsafeBufferPointer(start: bytes, count: count)), code: code)
    }

    private func set(_ option: CURLoption, _ value: Int) throws(DeliveryFailure) {
        try demand(unsafe gh_transfer_set_number(pointer, option, value))
    }

    private func set(_ option: CURLoption, _ text: String) throws(DeliveryFailure) {
        try demand(unsafe gh_transfer_set_text(pointer, option, text))
    }

    private func demand(_ code: CURLcode) throws(DeliveryFailure) {
        guard code != CURLE_OK else { return }
        let words = unsafe String(cString: gh_transfer_words(pointer, code))
        let isAboutRecipient = words.hasPrefix("RCPT failed") || words.hasPrefix("DATA failed")
        throw conversation.failure(isAboutRecipient: isAboutRecipient, reason: words)
    }
}
