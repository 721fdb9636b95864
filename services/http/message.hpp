#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace diaban::services::http {

/// The methods Diaban knows; a request with any other is refused with 501 before it gets here.
enum class Method : std::uint8_t { get, head, options, post, put, patch, remove };

[[nodiscard]] constexpr std::string_view to_string(Method method) noexcept {
    switch (method) {
    case Method::get: return "GET";
    case Method::head: return "HEAD";
    case Method::options: return "OPTIONS";
    case Method::post: return "POST";
    case Method::put: return "PUT";
    case Method::patch: return "PATCH";
    case Method::remove: return "DELETE";
    }
    return "GET";
}

[[nodiscard]] std::optional<Method> method_named(std::string_view name) noexcept;

/// Whether two field names or tokens are one, letters compared without case (ASCII).
[[nodiscard]] bool equal_without_case(std::string_view a, std::string_view b) noexcept;

/// An internet address; one of version 4 as ::ffff:a.b.c.d (RFC 4291, 2.5.5.2). All zero: not
/// known.
struct Address {
    std::array<std::uint8_t, 16> bytes{};

    friend auto operator<=>(Address const&, Address const&) = default;
};

struct Header {
    std::string_view name;
    std::string_view value;
};

/// One request, checked by the reader: a well-formed method, target, fields and body.
///
/// Every view points into the connection's memory and is valid until the handler returns.
struct Request {
    Method method = Method::get;
    std::string_view path;  ///< as sent, still percent-encoded, begins with `/`
    std::string_view query; ///< as sent, without `?`
    std::string_view host;  ///< of the Host field: name or address, with the port where it has one
    std::vector<Header> headers;
    std::string_view body;
    bool http_1_0 = false;
    bool keep_alive = true;
    Address peer{}; ///< whom the connection is with: the client, or a proxy before it

    /// Value of the first field of that name; empty if there is none.
    [[nodiscard]] std::string_view header(std::string_view name) const noexcept;
    /// Values of all fields of that name joined by ", ", as a list field is meant (RFC 9110, 5.3).
    [[nodiscard]] std::string header_list(std::string_view name) const;
};

/// Bytes of an answer, shared with whoever keeps them (a cache), never copied on their way out.
class Body {
public:
    Body() = default;
    Body(std::string text) {
        auto owned = std::make_shared<std::string const>(std::move(text));
        m_bytes = *owned;
        m_owner = std::move(owned);
    }
    /// `bytes` lie inside what `owner` keeps alive.
    Body(std::shared_ptr<void const> owner, std::string_view bytes)
        : m_owner{std::move(owner)}, m_bytes{bytes} {}

    [[nodiscard]] std::string_view bytes() const noexcept { return m_bytes; }
    [[nodiscard]] bool empty() const noexcept { return m_bytes.empty(); }

private:
    std::shared_ptr<void const> m_owner;
    std::string_view m_bytes;
};

/// One answer. `Content-Length`, `Date` and `Connection` are the edge's affair.
struct Response {
    int status = 200;
    std::vector<std::pair<std::string_view, std::string>> headers; ///< names are literals
    Body body;
    /// It says that there is nothing, or nothing that the visitor may know: which, its time must
    /// not tell. So it is with every answer of status 404.
    bool nothing = false;

    Response& with(std::string_view name, std::string value) & {
        headers.emplace_back(name, std::move(value));
        return *this;
    }
    Response&& with(std::string_view name, std::string value) && {
        headers.emplace_back(name, std::move(value));
        return std::move(*this);
    }
    /// Value of the field of that name; empty if there is none.
    [[nodiscard]] std::string_view header(std::string_view name) const noexcept;
};

/// An answer with a body of the given media type.
[[nodiscard]] Response answer(int status, std::string media_type, Body body);

/// Why a request is refused before any handler sees it. The connection ends with the answer:
/// where the next request would begin is not known.
struct Refusal {
    int status = 400;
    std::string type;  ///< entry of the catalogue of sentences
    std::string value; ///< the offending part, or the bound that was passed
};

/// What an edge calls for each request, from many threads at once. Never throws: what goes wrong is
/// an answer too.
class Service {
public:
    virtual ~Service() = default;
    virtual Response serve(Request const& request) noexcept = 0;
    /// `request` holds what could be read before the refusal.
    virtual Response refuse(Refusal const& refusal, Request const& request) noexcept = 0;
};

} // namespace diaban::services::http
