#pragma once

#include "data/model/collection.hpp"
#include "geo/feature.hpp"
#include "services/domain/edition_intake.hpp"
#include "services/domain/intake.hpp"

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace diaban::services::domain {

/// An official list of units that was in force from one day to another, both included.
struct UnitsEntry {
    std::filesystem::path file;
    geo::Date valid_from;
    std::optional<geo::Date> valid_to;
};

/// The official conversion table between the units before and since a day.
struct CrosswalkEntry {
    std::filesystem::path file;
    geo::Date on;
};

struct PlanEntry {
    std::variant<ImportRequest, EditionEntry, UnitsEntry, CrosswalkEntry> what;
    bool optional = false; ///< the file may be missing
};

/// A plan: which files become which collections. data/demo/README.md says how one is written.
struct ImportPlan {
    std::vector<data::model::Collection> collections;
    std::vector<PlanEntry> entries; ///< paths are joined to the data folder; wildcards resolved
};

/// Reads a plan whole.
///
/// Throws  Error{bad_input, "bad-plan"} with file, line, key and what is accepted;
///         Error{not_found, "no-file"}.
ImportPlan read_plan(std::filesystem::path const& plan, std::filesystem::path const& data);

/// Told what was done, one line an entry.
using OnEntry = std::function<void(std::string_view line)>;

/// Creates the collections that are not there, then runs the entries in their order.
///
/// Gives    the summaries of the imports of features.
/// Throws   Error{not_found, "no-file"} before anything is done if a file that is not optional is
///          missing; Error{conflict, "collection-differs"} if one that is there has not the fields
///          of the plan; what `import_file` and the loaders of units throw. What was finished
///          before stays.
std::vector<ImportSummary> run_plan(std::string const& uri, ImportPlan const& plan,
                                    OnEntry const& on_entry, OnProgress const& on_progress = {});

} // namespace diaban::services::domain
