#include "services/http/representation.hpp"

#include "geo/error.hpp"
#include "services/http/content_coding.hpp"
#include "services/http/negotiation.hpp"

#include <fmt/format.h>
#define XXH_INLINE_ALL
#include <xxhash.h>

namespace diaban::services::http {

namespace {

constexpr std::size_t least_worth_coding = 1024;

} // namespace

Form choose_form(Context const& context, std::string_view json_type) {
    if (auto const asked = context.query.find("f")) {
        if (*asked == "json") return Form::json;
        if (*asked == "html") return Form::html;
        throw geo::Error{geo::Code::bad_input,
                         "bad-parameter",
                         {{"parameter", "f"},
                          {"value", std::string{asked->substr(0, 64)}},
                          {"accepted", "json, html"}}};
    }
    auto const accept = context.request.header_list("accept");
    auto const chosen = choose_media_type(accept, {json_type, "application/json", "text/html"});
    if (!chosen)
        throw geo::Error{geo::Code::unsupported,
                         "no-such-form",
                         {{"value", accept.substr(0, 64)},
                          {"accepted", fmt::format("{}, text/html", json_type)}}};
    return *chosen == 2 ? Form::html : Form::json;
}

std::string etag_of(std::string_view body, std::string_view state) {
    auto const hash = XXH3_128bits(body.data(), body.size());
    return fmt::format("\"{}{}{:016x}{:016x}\"", state, state.empty() ? "" : ".", hash.high64,
                       hash.low64);
}

Response not_modified(std::string etag, std::string_view cache_control, std::string_view vary) {
    Response response{.status = 304, .headers = {}, .body = {}};
    response.with("ETag", std::move(etag))
        .with("Cache-Control", std::string{cache_control})
        .with("Vary", std::string{vary});
    return response;
}

Response represent(Context const& context, Representation representation) {
    auto encoding = Encoding::identity;
    if (representation.body.size() >= least_worth_coding) {
        encoding = choose_encoding(context.request.header_list("accept-encoding"));
        if (encoding != Encoding::identity)
            representation.body = encode(representation.body, encoding);
    }
    auto etag = etag_of(representation.body, representation.state);
    if (names_etag(context.request.header_list("if-none-match"), etag))
        return not_modified(std::move(etag), representation.cache_control, representation.vary);
    auto response =
        answer(200, std::move(representation.media_type), std::move(representation.body));
    if (encoding != Encoding::identity)
        response.with("Content-Encoding", std::string{to_string(encoding)});
    response.with("ETag", std::move(etag))
        .with("Cache-Control", std::string{representation.cache_control})
        .with("Vary", std::string{representation.vary});
    if (representation.in_language)
        response.with("Content-Language", std::string{to_string(context.language)});
    return response;
}

} // namespace diaban::services::http
