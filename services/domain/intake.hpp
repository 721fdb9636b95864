#pragma once

#include "data/gdal/vector_source.hpp"
#include "data/postgis/import.hpp"

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace diaban::services::domain {

/// What is to become of one layer of one file.
///
/// Fields of the collection take, in this order: their entry in `constants`; the file's field their
/// entry in `map` names; the file's field of their own name, upper and lower case alike; nothing.
/// `valid_from` and `valid_to` may be named too where the collection has no fields of that name:
/// they are the row's validity then.
struct ImportRequest {
    std::filesystem::path file;
    data::gdal::SourceOptions source;
    std::string collection;
    std::optional<int> srid; ///< what the coordinates are in; overrides the file
    data::postgis::ImportMode mode = data::postgis::ImportMode::append;
    std::vector<std::string> key;
    std::map<std::string, std::string> map;       ///< field of the collection: field of the file
    std::map<std::string, std::string> constants; ///< field of the collection: its value
    /// Field of the collection: file's value: value. `*` stands for every other value.
    std::map<std::string, std::map<std::string, std::string>> values;
    std::string scope;                       ///< administrative unit of every row, or
    std::string scope_field;                 ///< the file's field that says it
    std::optional<std::uint8_t> sensitivity; ///< nothing: 0, or what an existing row has
    std::optional<int> utc_offset;           ///< minutes east, for date-times without zone
    bool create = false; ///< make the collection from the layer if there is none
};

/// What an import did. Every row read is written or faulty:  read = written + faulty.
struct ImportSummary {
    std::string file;
    std::string collection;
    bool created = false; ///< the collection is new
    std::uint64_t read = 0;
    std::uint64_t written = 0; ///< = inserted + updated + unchanged
    std::uint64_t repaired = 0;
    std::uint64_t faulty = 0;
    std::uint64_t split = 0;     ///< of the written: at 180°
    std::uint64_t unlocated = 0; ///< of the written: without the geometry they could have
    std::uint64_t inserted = 0;
    std::uint64_t updated = 0;
    std::uint64_t unchanged = 0;
    std::uint64_t deleted = 0; ///< rows that were there and are not in the file
    int srid = 0;              ///< what the coordinates were read as; 0: no geometry
    std::map<std::string, std::uint64_t> faults; ///< by reason
    std::vector<std::string> unused;             ///< fields of the file that went nowhere
    std::vector<std::string> remarks;            ///< of GDAL
    double seconds = 0;
};

/// The summary in one line: `roads.fgb → roads: 458 read, 458 written, …`.
[[nodiscard]] std::string one_line(ImportSummary const& summary);

/// Told now and then how many rows are read, of how many (-1: unknown).
using OnProgress = std::function<void(std::uint64_t read, std::int64_t of)>;

/// Brings one layer of a file into a collection: one transaction, one row of the change feed.
///
/// Needs    `uri` to enter as owner of the record.
/// Threads  one reads the file ahead, the caller's does the rest.
/// Memory   does not grow with the file, as far as VectorSource keeps to that.
/// Throws   before anything is written: what VectorSource throws; Error{not_found,
///          "unknown-target-collection"} with those there are; Error{bad_input, …}: "missing-crs",
///          "unidentified-crs", "unknown-crs", "unknown-field", "unknown-source-field",
///          "bad-constant", "key-needed", "key-not-read", "no-geometry-column".
///          On the way, nothing of it being kept: "outside-crs", "unreadable-encoding",
///          "no-time-zone" with the row; what data::postgis::Import throws ("duplicate-key").
ImportSummary import_file(std::string const& uri, ImportRequest const& request,
                          OnProgress const& on_progress = {});

} // namespace diaban::services::domain
