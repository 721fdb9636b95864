#pragma once

#include "services/http/router.hpp"

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>

namespace diaban::services::http {

/// The two forms most resources have.
enum class Form : std::uint8_t { json, html };

/// `?f=json|html` first, then Accept between `json_type` (or application/json) and text/html.
///
/// Throws   Error{bad_input, "bad-parameter"} for another `f`; Error{unsupported, "no-such-form"}
///          if Accept allows neither.
[[nodiscard]] Form choose_form(Context const& context,
                               std::string_view json_type = "application/json");

/// A resource as it is answered.
struct Representation {
    std::string media_type;
    std::string body;
    std::string_view cache_control = "no-cache"; ///< kept, but asked about each time
    std::string_view vary = "Accept, Accept-Encoding, Accept-Language";
    bool in_language = true; ///< says Content-Language
    std::string state = {};  ///< names the state of the resource: what its ETag begins with
};

/// Codes the body as the client likes (bodies of a kilobyte and more), names it by a strong ETag,
/// and answers 304 where the client has it.
[[nodiscard]] Response represent(Context const& context, Representation representation);

/// Quoted strong entity tag of a body: its 128-bit XXH3; after `state` and a point, where there is
/// one.
[[nodiscard]] std::string etag_of(std::string_view body, std::string_view state = {});

/// 304 with the fields that a 200 would have had.
[[nodiscard]] Response not_modified(std::string etag, std::string_view cache_control,
                                    std::string_view vary);

} // namespace diaban::services::http
