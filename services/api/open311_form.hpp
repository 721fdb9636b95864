#pragma once

#include "geo/error.hpp"
#include "services/api/json.hpp"
#include "services/http/router.hpp"

#include <functional>
#include <string>
#include <string_view>

namespace diaban::services::api {

/// The two forms of GeoReport v2.
enum class GeoReportForm : std::uint8_t { json, xml };

/// Of a path's ending. Throws Error{not_found, "no-path"} for any other.
[[nodiscard]] GeoReportForm georeport_form(std::string_view ending);
/// `name.json` as its parts. Throws as `georeport_form`.
[[nodiscard]] std::pair<std::string, GeoReportForm> georeport_file(std::string_view file);

/// A form (`application/x-www-form-urlencoded`) whose line ends are blanks.
[[nodiscard]] std::string one_line_form(std::string_view form);

/// What an answer is called in XML; JSON has neither.
struct GeoReportNames {
    std::string_view root;
    std::string_view item; ///< of a list; empty: the answer is one thing
};

/// The same answer in either form: lists of things with flat members; null and nothing are empty
/// elements in XML (GeoReport v2, "Response format").
[[nodiscard]] std::string georeport_text(Json const& answer, GeoReportForm form,
                                         GeoReportNames names);

/// Answers with `work`'s JSON; an error of the caller as GeoReport has errors: code and
/// description.
[[nodiscard]] http::Response georeport(http::Context const& context, GeoReportForm form,
                                       GeoReportNames names, int status,
                                       std::function<Json()> const& work);

} // namespace diaban::services::api
