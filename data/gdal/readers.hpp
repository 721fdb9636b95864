#pragma once

#include "data/gdal/row_batch.hpp"

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

class GDALDataset;
class OGRGeometry;
class OGRLayer;

namespace diaban::data::gdal {

/// What a reader reads, and how.
struct Reading {
    GDALDataset* dataset = nullptr;
    OGRLayer* layer = nullptr;
    std::vector<int> fields;  ///< GDAL's indexes of the selected fields
    bool interleaved = false; ///< rows of all layers come mixed, through the dataset (OSM)
    bool swap_axes = false;   ///< coordinates come as latitude, longitude
    std::string encoding;     ///< turn text from this into UTF-8; empty: leave it
    int x = -1;               ///< fields of the coordinates, or of the geometry as WKT; -1: none
    int y = -1;
    int wkt = -1;
};

/// Rows of a layer, one batch a call. `read` gives false at the end, leaving GDAL's error, if any,
/// to the caller's Session.
class Reader {
public:
    Reader() = default;
    Reader(Reader const&) = delete;
    Reader& operator=(Reader const&) = delete;
    virtual ~Reader() = default;
    virtual bool read(RowBatch& into) = 0;
};

/// Through OGRFeature: every driver.
std::unique_ptr<Reader> feature_reader(Reading reading);

/// Through Arrow record batches, without an object a row; nothing where the layer or a selected
/// field does not allow it (the driver must be fast at it; no times, lists or bytes).
std::unique_ptr<Reader> arrow_reader(Reading const& reading);

/// Rows and bytes after which a batch is handed on: enough to make the hand-over cheap, little
/// enough to stay in the second-level cache of a small machine.
inline constexpr std::size_t batch_rows = 2048;
inline constexpr std::size_t batch_bytes = 8U << 20U;

/// Sets `row.wkb` to `geometry` as ISO WKB without Z and M; also `row.fault` where it is a
/// collection of several kinds. Ownership stays with the caller; `geometry` may be changed.
void keep_geometry(RowBatch& batch, RowBatch::Row& row, OGRGeometry& geometry, bool swap_axes);

/// The same from WKB that is no plain point, line or polygon in two dimensions.
void keep_unusual_wkb(RowBatch& batch, RowBatch::Row& row, std::span<std::byte const> wkb);

/// Whether `wkb` is what rows carry: 2D, little-endian, of the six simple kinds.
[[nodiscard]] bool is_plain_wkb(std::span<std::byte const> wkb) noexcept;

} // namespace diaban::data::gdal
