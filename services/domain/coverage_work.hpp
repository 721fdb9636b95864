#pragma once

#include "data/blob/blob_store.hpp"
#include "data/gdal/raster_source.hpp"
#include "data/postgis/coverages.hpp"
#include "services/domain/process.hpp"

#include <filesystem>
#include <fstream>
#include <span>
#include <string>
#include <vector>

namespace diaban::services::domain {

/// Coverages as the work of a job reads and leaves them.
class CoverageWork {
public:
    explicit CoverageWork(Work const& work);

    /// Under the work's policies. Throws   Error{not_found, "unknown-coverage"}.
    [[nodiscard]] data::model::Coverage find(std::string const& id) const;
    /// One that was made of `ground`, under that one's policy. Throws as `find`.
    [[nodiscard]] data::model::Coverage find_made_of(std::string const& ground,
                                                     std::string const& id) const;
    /// One of its files, open. Throws   Error{unavailable, "result-elsewhere"}.
    [[nodiscard]] data::gdal::RasterSource open(data::model::CoverageFile const& file) const;

    /// What is made of `from`, where it lies and under the same scope and sensitivity.
    [[nodiscard]] static data::model::Coverage made_of(data::model::Coverage const& from,
                                                       std::string id, geo::Title title,
                                                       std::string quantity);
    /// Writes cells as one more file of the blob folder, one band after the other.
    [[nodiscard]] data::model::CoverageFile
    keep(data::model::Coverage const& coverage,
         std::span<std::span<float const> const> bands) const;
    /// Takes a finished file of the work's folder into the blob folder.
    [[nodiscard]] data::model::CoverageFile adopt(std::filesystem::path const& file,
                                                  std::string media_type) const;

    [[nodiscard]] data::postgis::Coverages const& registry() const noexcept { return m_registry; }

private:
    [[nodiscard]] data::model::Coverage find_as(std::string const& id,
                                                std::string const& named) const;

    Work const& m_work;
    mutable data::blob::BlobStore m_blobs;
    data::postgis::Pool m_pool;
    data::postgis::Coverages m_registry;
};

/// Ends a file that was written. Throws   Error{bad_input, "unwritable-file"} if any of it failed.
void close_file(std::ofstream& out, std::filesystem::path const& file);

/// Least and greatest of cells with data, for the registry.
void measure_range(data::model::Coverage& coverage, std::span<float const> cells);

} // namespace diaban::services::domain
