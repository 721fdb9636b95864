#pragma once

#include "geo/codec/coordinates.hpp"
#include "geo/feature.hpp"
#include "geo/geometry.hpp"
#include "geo/schema.hpp"
#include "services/http/messages.hpp"

#include <nlohmann/json.hpp>

#include <string>
#include <string_view>

namespace diaban::services::api {

using Json = nlohmann::ordered_json;

/// `title` in that language; Vietnamese where it has no English.
[[nodiscard]] std::string const& localised(geo::Title const& title, http::Language language);
/// Both languages: `{vi, en}`.
[[nodiscard]] Json titles(geo::Title const& title);

/// A link object of OGC API.
[[nodiscard]] Json link(std::string_view rel, std::string href, std::string_view type,
                        std::string_view title = {});

/// The same links as the value of a Link field (RFC 8288).
[[nodiscard]] std::string link_field(Json const& links);

/// `[west, south, east, north]`; null for an empty box.
[[nodiscard]] Json box(geo::Box const& box);

/// Text that is JSON whatever is in it: bytes that are no UTF-8 are replaced.
[[nodiscard]] std::string dump(Json const& json);

/// Appends a string literal. `text` is UTF-8 (the record holds no other).
void append_string(std::string& out, std::string_view text);
/// Appends a value as JSON: dates and instants as RFC 3339, NaN and infinity as null.
void append_value(std::string& out, geo::Value const& value);

/// Appends the values of a feature as an object; `fields` are what they follow.
void append_properties(std::string& out, geo::Feature const& feature,
                       std::vector<geo::Field> const& fields);

/// Appends a GeoJSON Feature; `fields` are what its values follow. `links` is JSON or empty.
/// Coordinates are written as `form` says.
void append_feature(std::string& out, geo::Feature const& feature,
                    std::vector<geo::Field> const& fields, std::string_view links = {},
                    geo::codec::CoordinateForm form = {});

} // namespace diaban::services::api
