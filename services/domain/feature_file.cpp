#include "services/domain/feature_file.hpp"

#include "geo/codec/geojson.hpp"
#include "services/domain/coverage_work.hpp"

#include <string>
#include <utility>

namespace diaban::services::domain {

FeatureFile::FeatureFile(std::filesystem::path file) : m_path{std::move(file)}, m_out{m_path} {
    m_out << R"({"type":"FeatureCollection","features":[)";
}

void FeatureFile::add(geo::Geometry const& shape, Json const& properties) {
    std::string text;
    geo::codec::append_geojson(text, shape);
    m_out << (m_first ? "\n" : ",\n") << R"({"type":"Feature","properties":)" << properties.dump()
          << R"(,"geometry":)" << text << "}";
    m_first = false;
}

void FeatureFile::close() {
    m_out << "]}\n";
    close_file(m_out, m_path);
}

} // namespace diaban::services::domain
