// Raster files: what GDAL wrote is read as it was meant, what we write is what GDAL reads.

#include "data/gdal/raster_sink.hpp"
#include "data/gdal/raster_source.hpp"
#include "geo/error.hpp"
#include "tests/support/fault.hpp"

#include <boost/test/unit_test.hpp>
#include <cpl_conv.h>
#include <gdal_priv.h>
#include <ogr_spatialref.h>
#include <unistd.h>

#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <numeric>
#include <string>
#include <vector>

namespace {

using namespace diaban;
using tests::fault;
namespace fs = std::filesystem;
namespace gdal = data::gdal;
using geo::raster::Frame;
using geo::raster::Window;

struct RasterFolder {
    fs::path path = fs::temp_directory_path() / ("diaban_rasters_" + std::to_string(::getpid()));
    RasterFolder() { fs::create_directories(path); }
    ~RasterFolder() { fs::remove_all(path); }
};

struct Written {
    std::string type = "Int16";
    std::string crs = "EPSG:3405+5773";
    double transform[6] = {500'000, 10, 0, 2'000'000, 0, -20};
    double scale = 1;
    double offset = 0;
    std::string unit{};
};

/// A file of 7 × 5 cells whose value is 100 · row + column, cell (3, 2) without data, by GDAL
/// alone.
fs::path written(RasterFolder const& folder, Written const& as) {
    GDALAllRegister();
    auto const file = folder.path / "given.tif";
    auto* const driver = GetGDALDriverManager()->GetDriverByName("GTiff");
    auto* const made =
        driver->Create(file.c_str(), 7, 5, 1, GDALGetDataTypeByName(as.type.c_str()), nullptr);
    double transform[6];
    std::copy(std::begin(as.transform), std::end(as.transform), transform);
    made->SetGeoTransform(transform);
    OGRSpatialReference crs;
    if (!as.crs.empty() && crs.SetFromUserInput(as.crs.c_str()) == OGRERR_NONE)
        made->SetSpatialRef(&crs);
    auto& band = *made->GetRasterBand(1);
    band.SetNoDataValue(-9999);
    band.SetScale(as.scale);
    band.SetOffset(as.offset);
    band.SetUnitType(as.unit.c_str());
    std::vector<float> cells(35);
    for (int i = 0; i < 35; ++i) cells[std::size_t(i)] = float(100 * (i / 7) + i % 7);
    cells[2 * 7 + 3] = -9999;
    BOOST_REQUIRE(band.RasterIO(GF_Write, 0, 0, 7, 5, cells.data(), 7, 5, GDT_Float32, 0, 0,
                                nullptr) == CE_None);
    GDALClose(made);
    return file;
}

} // namespace

BOOST_AUTO_TEST_SUITE(raster_files)

BOOST_AUTO_TEST_CASE(a_frame_finds_the_cell_of_a_place_and_the_place_of_a_cell) {
    Frame const frame{{4, 3}, 100, 50, 10, 5, 3405};
    BOOST_TEST(frame.centre({0, 0}).x == 105);
    BOOST_TEST(frame.centre({0, 0}).y == 47.5);
    BOOST_TEST((frame.cell({100, 50}) == geo::raster::Cell{0, 0}));
    BOOST_TEST((frame.cell({110, 45}) == geo::raster::Cell{1, 1}));
    BOOST_TEST(!frame.cell({140, 40}));
    BOOST_TEST(!frame.cell({99.999, 40}));
    BOOST_TEST((frame.box() == geo::Box{100, 35, 140, 50}));
    BOOST_TEST((frame.cover({111, 41, 121, 44}) == Window{1, 1, 2, 1}));
    BOOST_TEST(frame.cover({200, 41, 300, 44}).empty());
    BOOST_TEST((frame.part({1, 1, 2, 2}).box() == geo::Box{110, 35, 130, 45}));
}

BOOST_AUTO_TEST_CASE(a_file_is_read_with_its_place_unit_datum_and_missing_cells) {
    RasterFolder const folder;
    auto const source = gdal::RasterSource::open(written(folder, {.unit = "ft"}));
    auto const& said = source.description();
    BOOST_TEST(said.frame.srid == 3405);
    BOOST_TEST((said.frame.box() == geo::Box{500'000, 1'999'900, 500'070, 2'000'000}));
    BOOST_TEST(said.vertical_datum == "EGM96 height");
    BOOST_TEST(said.vertical_srid == 5773);
    BOOST_TEST(said.metres.value() == 0.3048);
    BOOST_TEST(said.cell_type == "Int16");
    BOOST_TEST(said.knows_no_data);
    std::vector<float> cells(6);
    source.read({2, 1, 3, 2}, cells);
    BOOST_TEST(cells[0] == 102);
    BOOST_TEST(cells[3] == 202);
    BOOST_TEST(std::isnan(cells[4]));
    BOOST_TEST(cells[5] == 204);
}

BOOST_AUTO_TEST_CASE(scale_and_offset_are_applied_and_an_unknown_unit_stays_unknown) {
    RasterFolder const folder;
    auto const source =
        gdal::RasterSource::open(written(folder, {.scale = 0.5, .offset = 10, .unit = "rods"}));
    BOOST_TEST(!source.description().metres);
    BOOST_TEST(source.read_all(35).at(1, 1) == 60.5F);
}

BOOST_AUTO_TEST_CASE(a_reduced_window_holds_means_without_the_missing_cells) {
    RasterFolder const folder;
    auto const source = gdal::RasterSource::open(written(folder, {.type = "Float32"}));
    std::vector<float> cells(2);
    source.read_reduced({2, 2, 4, 2}, {2, 1}, cells);
    BOOST_TEST(cells[0] == (202 + 302 + 303) / 3.0F);
    BOOST_TEST(cells[1] == (204 + 205 + 304 + 305) / 4.0F);
}

BOOST_AUTO_TEST_CASE(what_cannot_be_read_is_refused_with_the_reason) {
    RasterFolder const folder;
    BOOST_TEST(fault([&] { gdal::RasterSource::open(folder.path / "none.tif"); }) == "no-file");
    BOOST_TEST(fault([&] { gdal::RasterSource::open("/vsicurl/http://x/y.tif"); }) == "no-file");
    auto const turned = written(folder, {.transform = {0, 1, 0.1, 0, 0.1, -1}});
    BOOST_TEST(fault([&] { gdal::RasterSource::open(turned); }) == "unreadable-file");
    auto const south_up = written(folder, {.transform = {0, 1, 0, 0, 0, 1}});
    BOOST_TEST(fault([&] { gdal::RasterSource::open(south_up); }) == "unreadable-file");
    auto const source = gdal::RasterSource::open(written(folder, {}));
    std::vector<float> cells(64);
    BOOST_TEST(fault([&] { source.read({4, 0, 4, 1}, cells); }) == "outside-raster");
    BOOST_TEST(fault([&] { source.read({0, 0, 1, 1}, cells, 2); }) == "outside-raster");
    BOOST_TEST(fault([&] { (void)source.read_all(34); }) == "too-many-cells");
}

BOOST_AUTO_TEST_CASE(what_is_written_is_a_cog_that_gdal_reads_cell_for_cell) {
    RasterFolder const folder;
    Frame const frame{{1300, 900}, 430'000, 2'480'000, 30, 30, 3405};
    geo::raster::Grid<float> grid{frame};
    for (std::size_t i = 0; i < grid.cells().size(); ++i)
        grid.cells()[i] = std::sin(float(i) * 0.001F) * 100;
    grid.at(7, 3) = geo::raster::no_data;
    auto const file = folder.path / "depth.tif";
    gdal::RasterSink sink{
        file, frame, {.band_names = {"depth"}, .unit = "m", .vertical_srid = 5773}};
    for (std::int32_t row = 0; row < 900; row += 100) // in strips, as larger grids come
        sink.write({0, row, 1300, 100}, grid.cells().subspan(std::size_t(row) * 1300, 130'000));
    BOOST_TEST(!fs::exists(file));
    sink.finish();
    BOOST_TEST(std::distance(fs::directory_iterator{folder.path}, {}) == 1);

    GDALDatasetUniquePtr const read{
        GDALDataset::Open(file.c_str(), GDAL_OF_RASTER | GDAL_OF_READONLY)};
    BOOST_REQUIRE(read);
    BOOST_TEST(read->GetMetadataItem("LAYOUT", "IMAGE_STRUCTURE") == std::string{"COG"});
    auto& band = *read->GetRasterBand(1);
    BOOST_TEST(band.GetOverviewCount() == 2);
    BOOST_TEST(std::isnan(band.GetNoDataValue()));
    BOOST_TEST(std::string{band.GetDescription()} == "depth");
    std::vector<float> cells(frame.shape.cells());
    BOOST_REQUIRE(band.RasterIO(GF_Read, 0, 0, 1300, 900, cells.data(), 1300, 900, GDT_Float32, 0,
                                0, nullptr) == CE_None);
    std::size_t other = 0;
    for (std::size_t i = 0; i < cells.size(); ++i)
        if (cells[i] != grid.cells()[i] && !(std::isnan(cells[i]) && std::isnan(grid.cells()[i])))
            ++other;
    BOOST_TEST(other == 0u);

    auto const again = gdal::RasterSource::open(file);
    BOOST_TEST((again.description().frame == frame));
    BOOST_TEST(again.description().vertical_srid == 5773);
    BOOST_TEST(again.description().metres.value() == 1.0);
    BOOST_TEST(again.description().overviews == 2);
}

BOOST_AUTO_TEST_CASE(an_unfinished_file_leaves_nothing_and_an_unwritable_one_says_so) {
    RasterFolder const folder;
    Frame const frame{{10, 10}, 0, 0, 1, 1, 3405};
    { gdal::RasterSink const sink{folder.path / "left.tif", frame}; }
    BOOST_TEST(fs::is_empty(folder.path));
    BOOST_TEST(fault([&] {
                   gdal::RasterSink{folder.path / "no" / "folder.tif", frame};
               }) == "unwritable-file");
    Frame unknown = frame;
    unknown.srid = 999'999;
    BOOST_TEST(fault([&] { gdal::RasterSink{folder.path / "crs.tif", unknown}; }) == "unknown-crs");
    BOOST_TEST(fs::is_empty(folder.path));
}

BOOST_AUTO_TEST_CASE(the_eno_river_is_read_as_it_was_published) {
    char const* const data = std::getenv("DIABAN_DATA");
    if (data == nullptr) {
        std::cout << "SKIPPED (DIABAN_DATA not set): the Eno river's elevation\n";
        return;
    }
    auto const source =
        gdal::RasterSource::open(fs::path{data} / "elevation/taudem_enogeo/enogeo.tif");
    BOOST_TEST(source.description().frame.srid == 4269);
    BOOST_TEST((source.description().frame.shape == geo::raster::Shape{715, 844}));
    auto const grid = source.read_all(1'000'000);
    auto const known = std::count_if(grid.cells().begin(), grid.cells().end(),
                                     [](float cell) { return !std::isnan(cell); });
    BOOST_TEST(known == 603'460);
}

BOOST_AUTO_TEST_SUITE_END()
