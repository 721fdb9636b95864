#pragma once

#include "data/gdal/raster_source.hpp"
#include "data/model/coverage.hpp"
#include "data/postgis/coverages.hpp"
#include "geo/crs.hpp"
#include "services/access/rights.hpp"

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <list>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace diaban::services::domain {

/// A coverage as it is served.
struct ShelvedCoverage {
    explicit ShelvedCoverage(data::model::Coverage given);

    data::model::Coverage entry;
    geo::Transform from_degrees;  ///< EPSG:4326 to the coverage's CRS
    geo::Transform from_mercator; ///< EPSG:3857 to the coverage's CRS
    geo::Box degrees;             ///< its extent in EPSG:4326

    /// The file of an instant: the last one that is not later; without an instant the last there
    /// is. Throws   Error{not_found, "no-such-time"}.
    [[nodiscard]] data::model::CoverageFile const& file(std::optional<geo::Instant> at) const;
    /// The number of a band, from 1; the first without a name.
    /// Throws   Error{bad_input, "bad-parameter"}.
    [[nodiscard]] int band(std::optional<std::string_view> name) const;
};

/// Who asks for a coverage.
struct CoverageReader {
    access::Rights const& rights;
    std::string login;
};

/// Coverages in memory as the registry has them, and their files, open.
///
/// Fresh    what was committed is seen within a quarter of a second, a new coverage at once; with
/// the record away what was
///          last known stays.
/// Policy   a coverage is read as a collection of that name, one that was derived as that which it
///          was derived from; one that its policy does not see, or
///          that another login's job left, is not there.
/// Threads  any number.
class CoverageShelf {
public:
    CoverageShelf(data::postgis::Coverages const& registry, std::filesystem::path blobs)
        : m_registry{registry}, m_blobs{std::move(blobs)} {}

    using Entry = std::shared_ptr<ShelvedCoverage const>;

    [[nodiscard]] std::vector<Entry> list(CoverageReader const& reader) const;
    /// Throws   Error{not_found, "unknown-coverage"}.
    [[nodiscard]] Entry find(std::string_view id, CoverageReader const& reader) const;
    /// Those made of a coverage, under the same policy.
    [[nodiscard]] std::vector<Entry> derived(std::string_view id,
                                             CoverageReader const& reader) const;

    /// Calls `work(source)` with the file open for this thread alone.
    /// Throws   Error{unavailable, "result-elsewhere"} if the file does not lie on this node.
    template <typename Work>
    auto read(data::model::CoverageFile const& file, Work&& work) const {
        auto source = take(file.sha256);
        auto result = work(std::as_const(source));
        give_back(file.sha256, std::move(source));
        return result;
    }
    /// Where the file lies. Throws   as `read`.
    [[nodiscard]] std::filesystem::path path(data::model::CoverageFile const& file) const;

private:
    struct Shelf {
        std::int64_t version = -1;
        std::map<std::string, Entry, std::less<>> entries;
    };
    using Clock = std::chrono::steady_clock;

    [[nodiscard]] std::shared_ptr<Shelf const> shelf(std::chrono::milliseconds age) const;
    void look_again(std::chrono::milliseconds age) const;
    [[nodiscard]] data::gdal::RasterSource take(std::string const& sha256) const;
    void give_back(std::string const& sha256, data::gdal::RasterSource source) const;

    data::postgis::Coverages const& m_registry;
    std::filesystem::path m_blobs;
    mutable std::mutex m_looking;
    mutable std::mutex m_mutex;
    mutable std::shared_ptr<Shelf const> m_shelf;                               // under m_mutex
    mutable Clock::time_point m_looked;                                         // under m_mutex
    mutable std::list<std::pair<std::string, data::gdal::RasterSource>> m_open; // under m_mutex
};

/// Throws   Error{not_found, "unknown-coverage"}.
[[noreturn]] void refuse_coverage(std::string_view id);

/// The box of a frame in EPSG:4326: its sides may be bent there.
[[nodiscard]] geo::Box degrees_of(geo::raster::Frame const& frame);

} // namespace diaban::services::domain
