#include "services/domain/coverage_work.hpp"

#include "data/gdal/raster_sink.hpp"
#include "geo/error.hpp"
#include "services/domain/coverage_shelf.hpp"

#include <algorithm>
#include <cmath>

namespace diaban::services::domain {

CoverageWork::CoverageWork(Work const& work)
    : m_work{work}, m_blobs{work.blobs}, m_pool{{.uri = work.database,
                                                 .role = data::postgis::Role::edit,
                                                 .size = 1,
                                                 .wait = std::chrono::seconds{5},
                                                 .statement_timeout = std::chrono::seconds{10}}},
      m_registry{m_pool} {}

data::model::Coverage CoverageWork::find(std::string const& id) const {
    return find_as(id, id);
}

data::model::Coverage CoverageWork::find_made_of(std::string const& ground,
                                                 std::string const& id) const {
    auto found = find_as(id, ground);
    if (found.derived_from != ground) refuse_coverage(id);
    return found;
}

/// Under the policy of what is called `named`.
data::model::Coverage CoverageWork::find_as(std::string const& id, std::string const& named) const {
    auto found = m_registry.find(id);
    auto const policy = m_work.policies.find(named);
    if (!found || policy == m_work.policies.end() ||
        !policy->second.sees(found->scope, found->sensitivity) ||
        (found->login && *found->login != m_work.login))
        refuse_coverage(id);
    return *found;
}

data::gdal::RasterSource CoverageWork::open(data::model::CoverageFile const& file) const {
    auto const path = m_blobs.find(file.sha256);
    if (!path) throw geo::Error{geo::Code::unavailable, "result-elsewhere", {}, file.sha256};
    return data::gdal::RasterSource::open(*path);
}

data::model::Coverage CoverageWork::made_of(data::model::Coverage const& from, std::string id,
                                            geo::Title title, std::string quantity) {
    data::model::Coverage made;
    made.id = std::move(id);
    made.title = std::move(title);
    made.quantity = std::move(quantity);
    made.unit = "m";
    made.frame = from.frame;
    // What is computed of made-up ground is no less made up.
    made.origin = from.origin == data::model::CoverageOrigin::synthetic
                      ? from.origin
                      : data::model::CoverageOrigin::model;
    made.attribution = from.attribution;
    made.licence = from.licence;
    made.derived_from = from.id;
    made.scope = from.scope;
    made.sensitivity = from.sensitivity;
    made.login = from.login;
    return made;
}

data::model::CoverageFile CoverageWork::keep(data::model::Coverage const& coverage,
                                             std::span<std::span<float const> const> bands) const {
    auto const file = m_work.folder / (coverage.id + ".tif");
    data::gdal::RasterLabel label{.band_names = coverage.bands,
                                  .unit = coverage.unit,
                                  .vertical_srid = coverage.vertical_srid,
                                  .classes = coverage.quantity == "direction"};
    if (label.band_names.empty()) label.band_names = {coverage.quantity};
    data::gdal::RasterSink sink{file, coverage.frame, label};
    for (std::size_t band = 0; band < bands.size(); ++band)
        sink.write(coverage.frame.window(), bands[band], int(band) + 1);
    sink.finish();
    return adopt(file, "image/tiff; application=geotiff");
}

data::model::CoverageFile CoverageWork::adopt(std::filesystem::path const& file,
                                              std::string media_type) const {
    auto const blob = m_blobs.adopt(file);
    return {
        .at = {}, .sha256 = blob.sha256, .size = blob.size, .media_type = std::move(media_type)};
}

void close_file(std::ofstream& out, std::filesystem::path const& file) {
    out.close();
    if (!out)
        throw geo::Error{geo::Code::bad_input,
                         "unwritable-file",
                         {{"file", file.filename().string()}, {"reason", "no room"}},
                         file.string()};
}

void measure_range(data::model::Coverage& coverage, std::span<float const> cells) {
    for (float const cell : cells) {
        if (std::isnan(cell)) continue;
        coverage.least = std::min(coverage.least.value_or(double(cell)), double(cell));
        coverage.most = std::max(coverage.most.value_or(double(cell)), double(cell));
    }
}

} // namespace diaban::services::domain
