#pragma once

#include "data/model/edit.hpp"
#include "services/api/backing.hpp"
#include "services/http/router.hpp"

#include <nlohmann/json.hpp>

#include <cstdint>
#include <initializer_list>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace diaban::services::api {

/// A row as it stands in the record, to be judged before it is changed.
struct StoredRow {
    std::shared_ptr<domain::View const> view;
    geo::Schema shown; ///< what its values follow
    data::postgis::FeatureStore::Item item;

    /// Empty where it is no text, or masked.
    [[nodiscard]] std::string text(std::string_view field) const;
};

/// Throws   as Context::edit_policy; Error{not_found, "no-item"}.
[[nodiscard]] StoredRow stored_row(Backing const& backing, http::Context const& context,
                                   std::string_view collection, std::int64_t fid);

using NamedValues = std::initializer_list<std::pair<std::string_view, geo::Value>>;
/// A change of the row as it was read: if another came between, it is refused.
[[nodiscard]] data::model::Edit change_of(StoredRow const& row, NamedValues values);
[[nodiscard]] data::model::Edit new_row(domain::View const& view, NamedValues values);

/// Writes all or none, and waits until this node shows them. Gives the number of each row.
/// Throws   Error{conflict, "work-changed"} if a row changed since it was read.
std::vector<std::int64_t> write_all(Backing const& backing, http::Context const& context,
                                    std::span<data::model::Edit const> edits);

/// The instant it is.
[[nodiscard]] geo::Instant now();
/// RFC 3339, or null.
[[nodiscard]] nlohmann::ordered_json instant_json(std::optional<geo::Instant> const& instant);
[[nodiscard]] nlohmann::ordered_json day_json(std::optional<geo::Date> const& day);
/// Null where it is empty.
[[nodiscard]] nlohmann::ordered_json text_json(std::string const& text);

} // namespace diaban::services::api
