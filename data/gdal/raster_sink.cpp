#include "data/gdal/raster_sink.hpp"

#include "data/gdal/session.hpp"
#include "data/model/unwritable_file.hpp"
#include "geo/error.hpp"

#include <cpl_string.h>
#include <gdal_priv.h>
#include <ogr_spatialref.h>

#include <array>
#include <system_error>
#include <utility>

namespace diaban::data::gdal {

namespace {

struct CloseDataset {
    void operator()(GDALDataset* dataset) const noexcept { GDALClose(dataset); }
};
using Dataset = std::unique_ptr<GDALDataset, CloseDataset>;

std::string reference(int srid, int vertical_srid) {
    std::string text = "EPSG:" + std::to_string(srid);
    if (vertical_srid != 0) text += "+" + std::to_string(vertical_srid);
    return text;
}

GDALDriver* driver(char const* name) {
    return GetGDALDriverManager()->GetDriverByName(name);
}

} // namespace

struct RasterSink::State {
    std::filesystem::path plain_file; ///< what is written to, window by window
    std::filesystem::path unfinished; ///< what is made of it at the end
    bool classes = false;
    std::vector<std::string> remarks;
    Dataset plain;

    ~State() {
        Session const session{remarks};
        plain.reset();
        std::error_code ignored; // nothing can be said from here
        std::filesystem::remove(plain_file, ignored);
        std::filesystem::remove(unfinished, ignored);
    }
};

RasterSink::RasterSink(std::filesystem::path file, geo::raster::Frame const& frame,
                       RasterLabel const& label)
    : m_file{std::move(file)}, m_state{std::make_unique<State>()} {
    if (std::filesystem::exists(m_file) && !std::filesystem::is_regular_file(m_file))
        fail("not a plain file");
    auto const beside = [&](char const* ending) {
        return std::filesystem::path{m_file}.replace_filename("." + m_file.stem().string() +
                                                              ending);
    };
    m_state->plain_file = beside(".plain.tif");
    m_state->unfinished = beside(".unfinished.tif");
    m_state->classes = label.classes;
    Session const session{m_state->remarks};
    OGRSpatialReference crs;
    if (frame.srid != 0 &&
        crs.SetFromUserInput(reference(frame.srid, label.vertical_srid).c_str()) != OGRERR_NONE)
        throw geo::Error{geo::Code::bad_input,
                         "unknown-crs",
                         {{"crs", reference(frame.srid, label.vertical_srid)}},
                         session.failure()};
    char const* const options[] = {"TILED=YES",        "BLOCKXSIZE=512", "BLOCKYSIZE=512",
                                   "BIGTIFF=IF_SAFER", "SPARSE_OK=TRUE", nullptr};
    m_state->plain.reset(driver("GTiff")->Create(m_state->plain_file.c_str(), frame.shape.columns,
                                                 frame.shape.rows, int(label.band_names.size()),
                                                 GDT_Float32, const_cast<char**>(options)));
    if (!m_state->plain) fail(session.failure());
    std::array<double, 6> place{frame.west, frame.width, 0, frame.north, 0, -frame.height};
    if (m_state->plain->SetGeoTransform(place.data()) != CE_None) fail(session.failure());
    if (frame.srid != 0 && m_state->plain->SetSpatialRef(&crs) != CE_None) fail(session.failure());
    for (std::size_t i = 0; i < label.band_names.size(); ++i) {
        auto& band = *m_state->plain->GetRasterBand(int(i) + 1);
        band.SetDescription(label.band_names[i].c_str());
        band.SetUnitType(label.unit.c_str());
        band.SetNoDataValue(double(geo::raster::no_data));
    }
}

RasterSink::~RasterSink() = default;

void RasterSink::write(geo::raster::Window const& window, std::span<float const> cells, int band) {
    Session const session{m_state->remarks};
    // GDAL takes the buffer as one that it might fill; it reads it.
    void* const from = const_cast<float*>(cells.data());
    if (m_state->plain->GetRasterBand(band)->RasterIO(
            GF_Write, window.column, window.row, window.columns, window.rows, from, window.columns,
            window.rows, GDT_Float32, 0, 0, nullptr) != CE_None)
        fail(session.failure());
}

void RasterSink::finish() {
    {
        Session const session{m_state->remarks};
        m_state->plain->FlushCache();
        if (!session.failure().empty()) fail(session.failure());
        std::string const resampling =
            std::string{"OVERVIEW_RESAMPLING="} + (m_state->classes ? "NEAREST" : "AVERAGE");
        char const* const options[] = {"COMPRESS=DEFLATE", "PREDICTOR=YES",    "BLOCKSIZE=512",
                                       "BIGTIFF=IF_SAFER", resampling.c_str(), nullptr};
        Dataset made{driver("COG")->CreateCopy(m_state->unfinished.c_str(), m_state->plain.get(),
                                               TRUE, const_cast<char**>(options), nullptr,
                                               nullptr)};
        if (!made) fail(session.failure());
        made.reset();
        m_state->plain.reset();
        if (!session.failure().empty()) fail(session.failure());
    }
    std::error_code error;
    std::filesystem::rename(m_state->unfinished, m_file, error);
    if (error) fail(error.message());
    m_state.reset();
}

void RasterSink::fail(std::string const& reason) const {
    model::refuse_file(m_file, reason);
}

} // namespace diaban::data::gdal
