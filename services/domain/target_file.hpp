#pragma once

#include "data/postgis/change_feed.hpp"
#include "geo/exposure/footprints.hpp"
#include "geo/raster/grid.hpp"
#include "services/domain/mapped_file.hpp"
#include "services/domain/process.hpp"

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace diaban::services::domain {

/// A row of a collection as exposure asks it. Laid out as it lies in the file.
struct TargetRow {
    std::int64_t fid = 0;
    std::int64_t begin = 0;   ///< of its time, µs since 1970, with …
    std::int64_t end = 0;     ///< … its end
    double whole = 0;         ///< m² of a polygon, planar in the grid's CRS
    std::int64_t commune = 0; ///< fid of the one that holds its middle; 0: none
    std::uint32_t kind = 0;   ///< number of its class among `kinds`
    std::uint32_t scope = 0;  ///< among `scopes`
    std::uint32_t sensitivity = 0;
    std::uint32_t home = 0;  ///< 1: people live on it
    std::uint32_t shape = 0; ///< geo::GeometryKind
    std::uint32_t unused = 0;
};
static_assert(sizeof(TargetRow) == 64);

/// Rows with their footprints.
struct TargetView {
    std::span<TargetRow const> rows;
    geo::exposure::FootprintView cells;
    std::vector<std::string> kinds;
    std::vector<std::string> scopes;
    Json about; ///< what else its maker wrote down
    data::postgis::Cursor cursor;
};

/// The rows of a collection on a grid, as they were at a place of the change feed, in a file that
/// is mapped as it is. It can be made again from the record; what is no such file is not opened.
class TargetFile {
public:
    [[nodiscard]] static std::optional<TargetFile> open(std::filesystem::path const& file);
    /// Writes one beside `file` and gives it the name: readers see the old one or the new.
    /// Throws   Error{unavailable, "disk-full"} where it cannot be written.
    static void write(std::filesystem::path const& file, TargetView const& targets);
    /// Says that a file holds up to `cursor`.
    static void restamp(std::filesystem::path const& file, data::postgis::Cursor cursor);

    [[nodiscard]] TargetView const& view() const noexcept { return m_view; }

private:
    explicit TargetFile(std::shared_ptr<MappedFile const> mapped);
    [[nodiscard]] bool read();

    std::shared_ptr<MappedFile const> m_mapped;
    TargetView m_view;
};

} // namespace diaban::services::domain
