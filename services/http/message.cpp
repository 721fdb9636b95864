#include "services/http/message.hpp"

#include <algorithm>

namespace diaban::services::http {

namespace {

constexpr char lower(char c) noexcept {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

} // namespace

std::optional<Method> method_named(std::string_view name) noexcept {
    for (auto method : {Method::get, Method::head, Method::options, Method::post, Method::put,
                        Method::patch, Method::remove})
        if (to_string(method) == name) return method;
    return std::nullopt;
}

bool equal_without_case(std::string_view a, std::string_view b) noexcept {
    return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                      [](char x, char y) { return lower(x) == lower(y); });
}

std::string_view Request::header(std::string_view name) const noexcept {
    for (auto const& field : headers)
        if (equal_without_case(field.name, name)) return field.value;
    return {};
}

std::string Request::header_list(std::string_view name) const {
    std::string joined;
    for (auto const& field : headers) {
        if (!equal_without_case(field.name, name)) continue;
        if (!joined.empty()) joined += ", ";
        joined += field.value;
    }
    return joined;
}

std::string_view Response::header(std::string_view name) const noexcept {
    for (auto const& [field, value] : headers)
        if (equal_without_case(field, name)) return value;
    return {};
}

Response answer(int status, std::string media_type, Body body) {
    Response response{.status = status, .headers = {}, .body = std::move(body)};
    response.headers.reserve(8);
    response.with("Content-Type", std::move(media_type));
    return response;
}

} // namespace diaban::services::http
