#include "services/archive/file.hpp"

#include "data/model/unwritable_file.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <system_error>
#include <utility>

namespace diaban::services::archive {

File::File(std::filesystem::path path, Use use)
    : m_path{std::move(path)},
      m_descriptor{::open(m_path.c_str(),
                          (use == Use::read ? O_RDONLY : O_RDWR | O_CREAT) | O_CLOEXEC, 0644)} {
    if (!is_open() && use == Use::write) fail();
}

File::~File() {
    if (is_open()) ::close(m_descriptor);
}

std::uint64_t File::size() const noexcept {
    struct stat about {};
    if (::fstat(m_descriptor, &about) != 0 || !S_ISREG(about.st_mode)) return 0;
    return static_cast<std::uint64_t>(about.st_size);
}

bool File::read(std::uint64_t offset, char* bytes, std::size_t size) const noexcept {
    while (size > 0) {
        auto const got = ::pread(m_descriptor, bytes, size, static_cast<off_t>(offset));
        if (got < 0 && errno == EINTR) continue;
        if (got <= 0) return false;
        bytes += got;
        offset += static_cast<std::uint64_t>(got);
        size -= static_cast<std::size_t>(got);
    }
    return true;
}

std::string File::read(std::uint64_t offset, std::size_t size) const {
    std::string bytes(size, '\0');
    if (!read(offset, bytes.data(), size)) bytes.clear();
    return bytes;
}

void File::write(std::uint64_t offset, std::string_view bytes) {
    while (!bytes.empty()) {
        auto const put =
            ::pwrite(m_descriptor, bytes.data(), bytes.size(), static_cast<off_t>(offset));
        if (put < 0 && errno == EINTR) continue;
        if (put <= 0) fail();
        offset += static_cast<std::uint64_t>(put);
        bytes.remove_prefix(static_cast<std::size_t>(put));
    }
}

void File::cut(std::uint64_t size) {
    if (::ftruncate(m_descriptor, static_cast<off_t>(size)) != 0) fail();
}

void File::sync() {
    if (::fdatasync(m_descriptor) != 0) fail();
}

bool File::lock() noexcept {
    return ::flock(m_descriptor, LOCK_EX | LOCK_NB) == 0;
}

void File::fail() const {
    data::model::refuse_file(m_path, std::strerror(errno));
}

void give_name(std::filesystem::path const& made, std::filesystem::path const& target) {
    std::error_code fault;
    std::filesystem::rename(made, target, fault);
    if (fault) data::model::refuse_file(target, fault.message());
    auto const folder = target.has_parent_path() ? target.parent_path() : ".";
    int const descriptor = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (descriptor < 0) return;
    ::fsync(descriptor);
    ::close(descriptor);
}

} // namespace diaban::services::archive
