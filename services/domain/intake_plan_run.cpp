#include "data/postgis/collections.hpp"
#include "data/postgis/places.hpp"
#include "data/postgis/pool.hpp"
#include "geo/error.hpp"
#include "services/domain/intake_plan.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace diaban::services::domain {
namespace {

namespace fs = std::filesystem;
using data::model::Collection;
using data::postgis::Collections;
using geo::Code;
using geo::Error;

fs::path const& file_of(PlanEntry const& entry) {
    return std::visit(
        [](auto const& what) -> fs::path const& {
            if constexpr (requires { what.file; })
                return what.file;
            else
                return what.request.file;
        },
        entry.what);
}

/// Whether the file is there, or the archive it lies in.
bool is_there(fs::path const& file) {
    for (auto part = file; part.has_relative_path(); part = part.parent_path())
        if (fs::exists(part)) return part == file || fs::is_regular_file(part);
    return false;
}

bool same_fields(geo::Schema const& a, geo::Schema const& b) {
    return a.geometry == b.geometry &&
           std::ranges::equal(a.fields, b.fields, [](auto const& left, auto const& right) {
               return left.name == right.name && left.type == right.type &&
                      left.personal == right.personal;
           });
}

void create_collections(std::string const& uri, ImportPlan const& plan, OnEntry const& on_entry) {
    data::postgis::Pool pool{data::postgis::for_long_work(uri)};
    Collections collections{pool};
    for (auto const& wanted : plan.collections) {
        auto const& id = wanted.schema.id;
        if (auto const there = collections.find(id)) {
            if (!same_fields(there->schema, wanted.schema))
                throw Error{Code::conflict, "collection-differs", {{"collection", id}}};
            collections.describe(wanted);
        } else {
            collections.create(wanted);
            on_entry(fmt::format("{}: created", id));
        }
    }
}

std::string load(std::string const& uri, UnitsEntry const& entry) {
    auto const counts =
        data::postgis::load_units(uri, {entry.file, entry.valid_from, entry.valid_to});
    return fmt::format("{}: {} provinces, {} districts, {} communes; {} new, {} changed",
                       entry.file.filename().string(), counts.provinces, counts.districts,
                       counts.communes, counts.inserted, counts.updated);
}

std::string load(std::string const& uri, CrosswalkEntry const& entry) {
    auto const counts = data::postgis::load_crosswalk(uri, entry.file, entry.on);
    return fmt::format("{}: {} pairs, {} of them whole; {} old units, {} new; {} old units split; "
                       "{} pairs of units not known",
                       entry.file.filename().string(), counts.pairs, counts.whole, counts.old_units,
                       counts.new_units, counts.split, counts.unplaced);
}

} // namespace

std::vector<ImportSummary> run_plan(std::string const& uri, ImportPlan const& plan,
                                    OnEntry const& on_entry, OnProgress const& on_progress) {
    for (auto const& entry : plan.entries)
        if (!entry.optional && !is_there(file_of(entry)))
            throw Error{Code::not_found, "no-file", {{"file", file_of(entry).string()}}};
    create_collections(uri, plan, on_entry);
    std::vector<ImportSummary> summaries;
    for (auto const& entry : plan.entries) {
        if (!is_there(file_of(entry))) {
            on_entry(fmt::format("{}: not there, passed over", file_of(entry).filename().string()));
        } else if (auto const* request = std::get_if<ImportRequest>(&entry.what)) {
            summaries.push_back(import_file(uri, *request, on_progress));
            on_entry(one_line(summaries.back()));
        } else if (auto const* edition = std::get_if<EditionEntry>(&entry.what)) {
            on_entry(one_line(take_edition(uri, *edition)));
        } else if (auto const* units = std::get_if<UnitsEntry>(&entry.what)) {
            on_entry(load(uri, *units));
        } else {
            on_entry(load(uri, std::get<CrosswalkEntry>(entry.what)));
        }
    }
    return summaries;
}

} // namespace diaban::services::domain
