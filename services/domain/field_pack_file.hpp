#pragma once

#include "data/model/collection.hpp"
#include "data/model/field_pack.hpp"
#include "geo/schema.hpp"

#include <filesystem>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace diaban::services::domain {

/// An item of a checklist as a form shows it.
struct ChecklistItem {
    std::string key;
    geo::Title title;
    std::vector<std::string> accepted;
};

/// What a pack says of itself.
struct PackLabel {
    std::string id;
    std::string login;
    std::string area;
    geo::Instant made_at;
};

/// What goes into a pack; the schemas are as the policy sees them: rows follow their fields.
struct PackSheets {
    PackLabel label;
    geo::Schema cases;
    geo::Schema parcels; ///< without fields: the pack has none
    geo::Schema photos;  ///< without fields: the pack has none
    std::vector<ChecklistItem> items;
};

/// What a case has of what is filled in; nothing where the schema lacks it.
[[nodiscard]] data::model::FieldValues values_of_case(geo::Feature const& feature,
                                                      geo::Schema const& schema);

/// Writes the pack. Titles, forms and value lists are Vietnamese, as the record is.
///
/// Layers   `parcels`, `cases`, tables `photos`, `value_lists`, `field_pack`, `layer_styles`.
/// Throws   Error{bad_input, "unwritable-file"}.
void write_pack(std::filesystem::path const& file, PackSheets const& sheets,
                data::model::PackContent const& content);

} // namespace diaban::services::domain
