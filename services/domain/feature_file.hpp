#pragma once

#include "geo/geometry.hpp"
#include "services/domain/process.hpp"

#include <filesystem>
#include <fstream>

namespace diaban::services::domain {

/// A file of GeoJSON, written feature by feature.
/// Throws   as close_file, when it is closed.
class FeatureFile {
public:
    explicit FeatureFile(std::filesystem::path file);
    /// EPSG:4326.
    void add(geo::Geometry const& shape, Json const& properties);
    void close();

private:
    std::filesystem::path m_path;
    std::ofstream m_out;
    bool m_first = true;
};

} // namespace diaban::services::domain
