import Access
import HTTPTypes

/// Reads the body of a POST as a form, or says how it is refused.
enum SubmittedForm {
    /// The fields; else why not, with the status that refuses the request (`form-refused`): 415 where the body is of
    /// another media type; 400 where it breaks the grammar or a bound of `FormFields`.
    /// - Parameter long: as `FormFields` has it.
    static func read(
        _ request: PortalRequest, admitting long: [FormFields.LongField] = []
    ) -> Result<FormFields, Unreadable> {
        guard isForm(request.head.headerFields) else { return .failure(.mediaType) }
        do {
            return .success(try FormFields(request.body, admitting: long))
        } catch {
            return .failure(.grammar(error))
        }
    }

    enum Unreadable: Error, Hashable {
        case mediaType
        case grammar(FormFields.Fault)

        var status: HTTPResponse.Status {
            switch self {
            case .mediaType: .unsupportedMediaType
            case .grammar: .badRequest
            }
        }
    }

    private static func isForm(_ fields: HTTPFields) -> Bool {
        let types = fields[values: .contentType]
        guard types.count == 1 else { return false }
        let type = types[0].prefix { $0 != ";" }.trimming { $0 == " " || $0 == "\t" }
        return type.lowercased() == "application/x-www-form-urlencoded"
    }
}
