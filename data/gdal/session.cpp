#include "data/gdal/session.hpp"

#include <cpl_conv.h>
#include <cpl_error.h>
#include <gdal.h>

#include <algorithm>
#include <mutex>

namespace diaban::data::gdal {
namespace {

constexpr std::size_t max_remarks = 20;

void CPL_STDCALL collect(CPLErr kind, CPLErrorNum, char const* message) {
    auto& session = *static_cast<Session*>(CPLGetErrorHandlerUserData());
    if (kind == CE_Failure || kind == CE_Fatal) session.add_failure(message);
    if (kind == CE_Warning) session.add_remark(message);
}

void prepare_once() {
    static std::once_flag once;
    std::call_once(once, [] {
        GDALAllRegister();
        // Reading a .gz must leave no .properties file beside it, reading a GeoPackage no journal.
        CPLSetConfigOption("CPL_VSIL_GZIP_WRITE_PROPERTIES", "NO");
        // The first row of a sheet names its columns, also where all cells are text.
        CPLSetConfigOption("OGR_XLSX_HEADERS", "FORCE");
        CPLSetConfigOption("OGR_XLS_HEADERS", "FORCE");
        CPLSetConfigOption("OGR_ODS_HEADERS", "FORCE");
        // One pass over the file gives the rows of one OSM layer; see feature_reader.
        CPLSetConfigOption("OGR_INTERLEAVED_READING", "YES");
    });
}

} // namespace

Session::Session(std::vector<std::string>& remarks) : m_remarks{remarks} {
    prepare_once();
    CPLPushErrorHandlerEx(collect, this);
    CPLErrorReset();
}

Session::~Session() {
    CPLPopErrorHandler();
}

void Session::add_failure(char const* message) {
    if (!m_failure.empty()) return;
    m_failure = message;
    // It is going to stand inside a sentence.
    while (m_failure.ends_with('.') || m_failure.ends_with('\n')) m_failure.pop_back();
}

void Session::add_remark(char const* message) {
    if (m_remarks.size() < max_remarks && std::ranges::find(m_remarks, message) == m_remarks.end())
        m_remarks.emplace_back(message);
}

} // namespace diaban::data::gdal
