#pragma once

#include "geo/feature.hpp"
#include "geo/geometry.hpp"
#include "geo/period.hpp"
#include "services/http/router.hpp"
#include "services/http/uri.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace diaban::services::api {

/// Readers of query parameters. Each throws Error{bad_input} naming the parameter, what was sent
/// and what is accepted.

/// Throws "bad-parameter".
[[noreturn]] void refuse_parameter(std::string_view name, std::string_view value,
                                   std::string accepted);

/// A finite decimal number, as a whole text; nothing for anything else.
[[nodiscard]] std::optional<double> finite_number(std::string_view text);

/// A whole number of the range; nothing if it was not sent.
[[nodiscard]] std::optional<std::uint32_t> read_whole(http::Query const& query,
                                                      std::string_view name, std::uint32_t least,
                                                      std::uint32_t most);

/// `bbox` as OGC API Features: four numbers, or six whose heights are ignored, CRS84. A west beyond
/// the east crosses the antimeridian and gives two boxes. Empty if it was not sent.
/// Throws   "bad-bbox".
[[nodiscard]] std::vector<geo::Box> read_bbox(http::Query const& query);
/// The four or six numbers of `bbox` in a CRS of the plane, or in one with latitude first; nothing
/// if it was not sent. x is easting or longitude, whatever came first.
/// Throws   "bad-bbox".
[[nodiscard]] std::optional<geo::Box> read_plane_bbox(http::Query const& query, bool y_first);
/// A box in degrees as one or two that do not cross the antimeridian.
/// Throws   "bad-bbox" if it leaves the world.
[[nodiscard]] std::vector<geo::Box> boxes_of_world(http::Query const& query, geo::Box const& box);

/// `datetime` as OGC API Features: an instant, a day (local, UTC+7), or an interval of them with
/// `..` or nothing for an open end.
[[nodiscard]] std::optional<geo::Period> read_datetime(http::Query const& query);

/// `as-of`: an instant (RFC 3339).
[[nodiscard]] std::optional<geo::Instant> read_as_of(http::Query const& query);

/// `limit`: 1..100000; more than `most` of them are never sent at once.
[[nodiscard]] std::uint32_t read_limit(http::Query const& query, std::uint32_t otherwise,
                                       std::uint32_t most);

/// `f` of a resource that is JSON and nothing else.
void check_json_form(http::Context const& context);

/// A calendar day, YYYY-MM-DD.
[[nodiscard]] std::optional<geo::Date> read_day(http::Query const& query, std::string_view name);

/// A longitude and latitude that must be there: `lon`, `lat`.
[[nodiscard]] geo::Position read_position(http::Query const& query);

/// An opaque cursor: made here, understood here.
[[nodiscard]] std::string write_cursor(std::int64_t after_fid);
/// Throws   "bad-cursor".
[[nodiscard]] std::optional<std::int64_t> read_cursor(http::Query const& query);

} // namespace diaban::services::api
