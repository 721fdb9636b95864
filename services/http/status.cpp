#include "services/http/status.hpp"

namespace diaban::services::http {

int status_of(geo::Error const& error) noexcept {
    struct Special {
        std::string_view type;
        int status;
    };
    static constexpr Special specials[] = {
        {"method-not-allowed", 405}, {"no-such-form", 406},     {"unknown-media-type", 415},
        {"body-coding", 415},        {"condition-failed", 412}, {"condition-needed", 428},
        {"invalid-feature", 422},    {"key-reused", 422},       {"not-offered", 501},
        {"sign-in-needed", 401},     {"sign-in-failed", 401},   {"too-many-attempts", 429},
        {"code-needed", 401},        {"too-many-jobs", 429},    {"too-many-reports", 429},
        {"report-token", 401},       {"too-many-uploads", 429}, {"too-many-calls", 429},
        {"too-many-requests", 429},
    };
    for (auto const& special : specials)
        if (error.type() == special.type) return special.status;
    switch (error.code()) {
    case geo::Code::bad_input: return 400;
    case geo::Code::not_found: return 404;
    case geo::Code::conflict: return 409;
    case geo::Code::forbidden: return 403;
    case geo::Code::unsupported: return 406;
    case geo::Code::too_large: return 413;
    case geo::Code::unavailable: return 503;
    case geo::Code::internal: return 500;
    }
    return 500;
}

std::string_view reason_phrase(int status) noexcept {
    switch (status) {
    case 100: return "Continue";
    case 200: return "OK";
    case 201: return "Created";
    case 204: return "No Content";
    case 206: return "Partial Content";
    case 301: return "Moved Permanently";
    case 302: return "Found";
    case 303: return "See Other";
    case 304: return "Not Modified";
    case 307: return "Temporary Redirect";
    case 308: return "Permanent Redirect";
    case 400: return "Bad Request";
    case 401: return "Unauthorized";
    case 403: return "Forbidden";
    case 404: return "Not Found";
    case 405: return "Method Not Allowed";
    case 406: return "Not Acceptable";
    case 408: return "Request Timeout";
    case 409: return "Conflict";
    case 412: return "Precondition Failed";
    case 413: return "Content Too Large";
    case 414: return "URI Too Long";
    case 415: return "Unsupported Media Type";
    case 422: return "Unprocessable Content";
    case 416: return "Range Not Satisfiable";
    case 417: return "Expectation Failed";
    case 428: return "Precondition Required";
    case 429: return "Too Many Requests";
    case 431: return "Request Header Fields Too Large";
    case 500: return "Internal Server Error";
    case 501: return "Not Implemented";
    case 503: return "Service Unavailable";
    case 505: return "HTTP Version Not Supported";
    default: return "";
    }
}

} // namespace diaban::services::http
