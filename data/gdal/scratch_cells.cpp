#include "data/gdal/scratch_cells.hpp"

#include "geo/error.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>
#include <utility>

namespace diaban::data::gdal {

namespace {

[[noreturn]] void fail(std::filesystem::path const& folder, int reason) {
    throw geo::Error{
        geo::Code::bad_input,
        "unwritable-file",
        {{"file", folder.filename().string()}, {"reason", std::generic_category().message(reason)}},
        folder.string()};
}

} // namespace

ScratchBytes::ScratchBytes(std::filesystem::path const& folder, std::size_t size) : m_size{size} {
    if (size == 0) return;
    int const file = ::open(folder.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    if (file < 0) fail(folder, errno);
    // Room is taken now: a full disk found while cells are written would end the process.
    if (int const reason = ::posix_fallocate(file, 0, static_cast<off_t>(size)); reason != 0) {
        ::close(file);
        fail(folder, reason);
    }
    void* const mapped = ::mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    int const reason = errno;
    ::close(file);
    if (mapped == MAP_FAILED) fail(folder, reason);
    m_data = static_cast<std::byte*>(mapped);
}

ScratchBytes::ScratchBytes(ScratchBytes&& other) noexcept
    : m_data{std::exchange(other.m_data, nullptr)}, m_size{std::exchange(other.m_size, 0)} {}

ScratchBytes& ScratchBytes::operator=(ScratchBytes&& other) noexcept {
    std::swap(m_data, other.m_data);
    std::swap(m_size, other.m_size);
    return *this;
}

ScratchBytes::~ScratchBytes() {
    if (m_data != nullptr) ::munmap(m_data, m_size);
}

} // namespace diaban::data::gdal
