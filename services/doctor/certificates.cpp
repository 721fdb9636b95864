#include "data/postgis/wire.hpp"
#include "services/doctor/files.hpp"

#include <openssl/asn1.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdio>
#include <ctime>
#include <memory>
#include <optional>

namespace diaban::services::doctor {

namespace {

constexpr int warning_days = 30;

struct Close {
    void operator()(std::FILE* file) const noexcept { std::fclose(file); }
    void operator()(X509* certificate) const noexcept { X509_free(certificate); }
};

/// Whole days until the first certificate of a file ends; negative: it has. Nothing where there is
/// no certificate in it.
std::optional<int> days_left(std::filesystem::path const& path, std::time_t now) {
    std::unique_ptr<std::FILE, Close> const file{std::fopen(path.c_str(), "re")};
    if (!file) return std::nullopt;
    std::unique_ptr<X509, Close> const certificate{
        PEM_read_X509(file.get(), nullptr, nullptr, nullptr)};
    std::unique_ptr<ASN1_TIME, decltype(&ASN1_TIME_free)> const today{ASN1_TIME_set(nullptr, now),
                                                                      &ASN1_TIME_free};
    int days = 0;
    int seconds = 0;
    if (!certificate ||
        ASN1_TIME_diff(&days, &seconds, today.get(), X509_get0_notAfter(certificate.get())) != 1)
        return std::nullopt;
    return seconds < 0 && days == 0 ? -1 : days;
}

/// libpq refuses a key that others may read; root's may be read by its group.
bool is_secret(std::filesystem::path const& key) {
    struct stat facts {};
    if (::stat(key.c_str(), &facts) != 0) return false;
    auto const open_to = facts.st_uid == 0 ? S_IWGRP | S_IRWXO : S_IRWXG | S_IRWXO;
    return (facts.st_mode & static_cast<mode_t>(open_to)) == 0;
}

Finding look_at(data::postgis::NamedFile const& named, std::time_t now) {
    auto const& setting = named.setting;
    std::filesystem::path const file{named.path};
    Finding finding{"certificates",
                    Level::fail,
                    "certificate",
                    {{"setting", setting}, {"file", file.string()}},
                    {}};
    if (::access(file.c_str(), R_OK) != 0) {
        finding.code = "certificate-unreadable";
        return finding;
    }
    if (setting == "sslkey") {
        finding.code = is_secret(file) ? "key" : "key-open";
        if (finding.code == "key") finding.level = Level::ok;
        return finding;
    }
    if (setting == "sslcrl") {
        finding.level = Level::ok;
        finding.code = "revocations";
        return finding;
    }
    auto const days = days_left(file, now);
    finding.parameters.emplace_back("days", days ? std::to_string(*days) : "?");
    if (!days)
        finding.code = "certificate-malformed";
    else if (*days < 0)
        finding.code = "certificate-expired";
    else if (*days < warning_days) {
        finding.level = Level::warn;
        finding.code = "certificate-ends";
    } else
        finding.level = Level::ok;
    return finding;
}

} // namespace

Findings examine_certificates(Settings const& settings, Surroundings const& surroundings) {
    Findings findings;
    constexpr std::int64_t million = 1'000'000;
    auto const now = static_cast<std::time_t>(surroundings.now().microseconds / million);
    try {
        for (auto const& named : data::postgis::certificate_files(settings.database))
            findings.push_back(look_at(named, now));
    } catch (geo::Error const&) {
        findings.clear(); // a URI that cannot be read is told of with the database
    }
    return findings;
}

} // namespace diaban::services::doctor
