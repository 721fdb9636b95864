#pragma once

#include "services/http/messages.hpp"

namespace diaban::services::http {

/// What is said of rasters, terrain and water.
inline constexpr Sentence ground_sentences[] = {
    {"outside-raster", "Ngoài phạm vi ảnh", "Outside the raster",
     "Tệp {file} có {columns} × {rows} ô và {bands} kênh; phần được hỏi nằm ngoài.",
     "File {file} has {columns} × {rows} cells and {bands} bands; what was asked lies outside."},
    {"too-many-cells", "Quá nhiều ô", "Too many cells", "Có {cells} ô; tối đa {accepted}.",
     "There are {cells} cells; at most {accepted}."},
};

} // namespace diaban::services::http
