#pragma once

#include "data/model/edit.hpp"
#include "services/http/router.hpp"

#include <nlohmann/json_fwd.hpp>

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace diaban::services::api {

/// Readers of what an edit's request says besides its path. Each throws Error naming the header
/// field, what was sent and what is accepted.

/// The body as JSON: of one of `types`, not coded, in CRS84 (`Content-Crs`).
/// Throws   Error{unsupported, "unknown-media-type"}, Error{unsupported, "body-coding"},
///          Error{bad_input, "bad-header"} (also where no type is said), Error{bad_input,
///          "bad-json"}.
[[nodiscard]] nlohmann::json read_json_body(http::Context const& context,
                                            std::initializer_list<std::string_view> types);

/// The same of a feature, or of a merge patch of one, whose coordinates may be of any CRS that is
/// served (`Content-Crs`, OGC API Features, Part 4): they are brought to CRS84.
/// Throws   also Error{bad_input, "crs-area"}.
[[nodiscard]] nlohmann::json read_feature_body(http::Context const& context,
                                               std::initializer_list<std::string_view> types);

/// `4-63c…`: the part of an item's ETag that names its state; the same in every representation.
[[nodiscard]] std::string state_tag(data::model::Stamp const& stamp);

/// The states that a list of entity tags (RFC 9110, 13.1.1) names. Weak tags and those never given
/// by this server name none.
struct Condition {
    bool any = false; ///< `*`
    std::vector<data::model::Stamp> states;

    /// As model::Edit has it.
    [[nodiscard]] std::optional<std::vector<data::model::Stamp>> expected() const {
        return any ? std::nullopt : std::optional{states};
    }
};
/// Nothing if `text` is no such list.
[[nodiscard]] std::optional<Condition> read_condition(std::string_view text);

/// Who and why: `Change-Reason`, percent-encoded UTF-8 of at most 1000 bytes. Who did not sign in
/// is `local`.
[[nodiscard]] data::model::Author read_author(http::Context const& context);

/// `Idempotency-Key`: 1 to 255 printable ASCII characters.
[[nodiscard]] std::optional<data::model::RequestKey> read_key(http::Request const& request);

enum class Return : std::uint8_t { unsaid, minimal, representation };
/// `Prefer: return=…` (RFC 7240).
[[nodiscard]] Return read_preference(http::Request const& request);

} // namespace diaban::services::api
