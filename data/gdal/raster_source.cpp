#include "data/gdal/raster_source.hpp"

#include "data/gdal/session.hpp"
#include "data/gdal/source_crs.hpp"
#include "geo/error.hpp"

#include <gdal_priv.h>
#include <ogr_spatialref.h>

#include <array>
#include <cmath>
#include <cstring>
#include <memory>
#include <string_view>

namespace diaban::data::gdal {

using geo::Code;
using geo::Error;
using geo::raster::Window;

namespace {

/// The drivers that read files and nothing but files.
constexpr std::array<char const*, 8> file_drivers = {"GTiff",   "COG", "HFA",  "AAIGrid",
                                                     "SRTMHGT", "PNG", "JPEG", nullptr};

struct CloseDataset {
    void operator()(GDALDataset* dataset) const noexcept { GDALClose(dataset); }
};

/// How the cells of a band say that they hold no data.
struct Absence {
    std::optional<float> value;
    GDALRasterBand* mask = nullptr; ///< 0 where there is no data
};

Error unreadable(std::string const& file, std::string const& reason) {
    return Error{
        Code::bad_input,
        "unreadable-file",
        {{"file", file}, {"reason", reason.empty() ? "of no known raster format" : reason}}};
}

/// Metres to one of the units that elevation files name.
std::optional<double> metres_in(std::string_view unit) {
    constexpr std::pair<std::string_view, double> known[] = {{"m", 1},
                                                             {"metre", 1},
                                                             {"metres", 1},
                                                             {"meter", 1},
                                                             {"meters", 1},
                                                             {"cm", 0.01},
                                                             {"mm", 0.001},
                                                             {"km", 1000},
                                                             {"ft", 0.3048},
                                                             {"foot", 0.3048},
                                                             {"feet", 0.3048},
                                                             {"us-ft", 1200.0 / 3937.0},
                                                             {"US survey foot", 1200.0 / 3937.0}};
    for (auto const& [name, metres] : known)
        if (unit == name) return metres;
    return {};
}

/// Names the vertical part of a compound CRS.
void describe_height(OGRSpatialReference const& crs, RasterDescription& into) {
    if (crs.IsCompound() == FALSE) return;
    if (char const* name = crs.GetAttrValue("VERT_CS")) into.vertical_datum = name;
    char const* const authority = crs.GetAuthorityName("VERT_CS");
    char const* const code = crs.GetAuthorityCode("VERT_CS");
    if (authority != nullptr && code != nullptr && std::string_view{authority} == "EPSG")
        into.vertical_srid = std::atoi(code);
}

Absence absence(GDALRasterBand& band) {
    int const flags = band.GetMaskFlags();
    if ((flags & GMF_ALL_VALID) != 0) return {};
    if ((flags & GMF_NODATA) == 0) return {.value = {}, .mask = band.GetMaskBand()};
    return {.value = static_cast<float>(band.GetNoDataValue()), .mask = nullptr};
}

} // namespace

struct RasterSource::State {
    std::string file;
    mutable std::vector<std::string> remarks;
    std::unique_ptr<GDALDataset, CloseDataset> dataset;
    RasterDescription description;

    [[nodiscard]] GDALRasterBand& band(int number) const { return *dataset->GetRasterBand(number); }
    void describe();
    void place();
    void transfer(Window const& window, geo::raster::Shape shape, std::span<float> into, int number,
                  GDALRIOResampleAlg resampling) const;
};

/// Fills in the frame.
void RasterSource::State::place() {
    auto& frame = description.frame;
    frame.shape = {dataset->GetRasterXSize(), dataset->GetRasterYSize()};
    std::array<double, 6> to{};
    if (dataset->GetGeoTransform(to.data()) != CE_None)
        throw unreadable(file, "it does not say where it lies");
    for (double const term : to)
        if (!std::isfinite(term)) throw unreadable(file, "where it lies is no finite number");
    if (to[2] != 0 || to[4] != 0) throw unreadable(file, "it is turned or sheared");
    if (!(to[1] > 0 && to[5] < 0))
        throw unreadable(file, "its rows do not run from north to south");
    frame.west = to[0];
    frame.north = to[3];
    frame.width = to[1];
    frame.height = -to[5];
}

void RasterSource::State::describe() {
    description.bands = dataset->GetRasterCount();
    if (description.bands < 1) throw unreadable(file, "it has no band");
    place();
    if (auto const* const crs = dataset->GetSpatialRef()) {
        auto const known = source_crs(crs);
        description.frame.srid = known.srid;
        description.crs_name = known.name;
        describe_height(*crs, description);
    }
    for (int number = 1; number <= description.bands; ++number) {
        if (GDALDataTypeIsComplex(band(number).GetRasterDataType()) != FALSE)
            throw unreadable(file, "its cells are complex numbers");
        description.band_names.emplace_back(band(number).GetDescription());
    }
    auto& first = band(1);
    description.cell_type = GDALGetDataTypeName(first.GetRasterDataType());
    description.knows_no_data = (first.GetMaskFlags() & GMF_ALL_VALID) == 0;
    description.unit = first.GetUnitType();
    description.metres = metres_in(description.unit);
    description.overviews = first.GetOverviewCount();
}

void RasterSource::State::transfer(Window const& window, geo::raster::Shape shape,
                                   std::span<float> into, int number,
                                   GDALRIOResampleAlg resampling) const {
    Session const session{remarks};
    auto& from = band(number);
    GDALRasterIOExtraArg extra;
    INIT_RASTERIO_EXTRA_ARG(extra);
    extra.eResampleAlg = resampling;
    auto const fetch = [&](GDALRasterBand& source, void* cells, GDALDataType type) {
        if (source.RasterIO(GF_Read, window.column, window.row, window.columns, window.rows, cells,
                            shape.columns, shape.rows, type, 0, 0, &extra) != CE_None)
            throw unreadable(file, session.failure());
    };
    fetch(from, into.data(), GDT_Float32);
    auto const absent = absence(from);
    auto const scale = static_cast<float>(from.GetScale());
    auto const offset = static_cast<float>(from.GetOffset());
    std::vector<GByte> present;
    if (absent.mask != nullptr) {
        present.resize(shape.cells());
        fetch(*absent.mask, present.data(), GDT_Byte);
    }
    for (std::size_t i = 0; i < shape.cells(); ++i) {
        float& cell = into[i];
        bool const none = (absent.value && cell == *absent.value) ||
                          (!present.empty() && present[i] == 0) || !std::isfinite(cell);
        cell = none ? geo::raster::no_data : cell * scale + offset;
    }
}

RasterSource::RasterSource(std::unique_ptr<State> state) : m_state{std::move(state)} {}
RasterSource::RasterSource(RasterSource&&) noexcept = default;
RasterSource& RasterSource::operator=(RasterSource&&) noexcept = default;
RasterSource::~RasterSource() = default;

RasterSource RasterSource::open(std::filesystem::path const& file) {
    auto state = std::make_unique<State>();
    state->file = file.filename().string();
    // GDAL's own names for what is no file (/vsicurl/…, driver:…) are not files here either.
    std::error_code none;
    if (!std::filesystem::is_regular_file(file, none))
        throw Error{Code::not_found, "no-file", {{"file", state->file}}, file.string()};
    Session const session{state->remarks};
    state->dataset.reset(GDALDataset::Open(std::filesystem::absolute(file).c_str(),
                                           GDAL_OF_RASTER | GDAL_OF_READONLY, file_drivers.data()));
    if (!state->dataset) throw unreadable(state->file, session.failure());
    state->describe();
    return RasterSource{std::move(state)};
}

RasterDescription const& RasterSource::description() const noexcept {
    return m_state->description;
}

void RasterSource::check(Window const& window, int band) const {
    auto const& shape = m_state->description.frame.shape;
    bool const inside = !window.empty() && window.column >= 0 && window.row >= 0 &&
                        window.column <= shape.columns - window.columns &&
                        window.row <= shape.rows - window.rows;
    if (inside && band >= 1 && band <= m_state->description.bands) return;
    throw Error{Code::bad_input,
                "outside-raster",
                {{"file", m_state->file},
                 {"columns", std::to_string(shape.columns)},
                 {"rows", std::to_string(shape.rows)},
                 {"bands", std::to_string(m_state->description.bands)}}};
}

void RasterSource::read(Window const& window, std::span<float> into, int band) const {
    check(window, band);
    m_state->transfer(window, window.shape(), into, band, GRIORA_NearestNeighbour);
}

void RasterSource::read_reduced(Window const& window, geo::raster::Shape shape,
                                std::span<float> into, int band) const {
    check(window, band);
    m_state->transfer(window, shape, into, band, GRIORA_Average);
}

geo::raster::Grid<float> RasterSource::read_all(std::size_t most_cells, int band) const {
    auto const& frame = m_state->description.frame;
    if (frame.shape.cells() > most_cells)
        throw Error{Code::too_large,
                    "too-many-cells",
                    {{"cells", std::to_string(frame.shape.cells())},
                     {"accepted", std::to_string(most_cells)}}};
    geo::raster::Grid<float> grid{frame};
    read(frame.window(), grid.cells(), band);
    return grid;
}

} // namespace diaban::data::gdal
