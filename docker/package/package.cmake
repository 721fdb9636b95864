# The Debian package: `cpack -G DEB` in the folder of a build, once program and console are built.
# What lies under /usr/share/diaban lies as in a checkout, so that the program finds it.
set(files ${PROJECT_SOURCE_DIR}/docker/package)
set(share usr/share/diaban)

install(CODE "
    if(NOT EXISTS \"${PROJECT_SOURCE_DIR}/services/console/dist/index.html\")
        message(FATAL_ERROR \"The console is not built: npm run build --prefix services/console\")
    endif()")
install(TARGETS diaban RUNTIME DESTINATION usr/bin)
install(DIRECTORY data/migrations DESTINATION ${share}/data FILES_MATCHING PATTERN "*.sql")
install(DIRECTORY data/hazards data/indicators DESTINATION ${share}/data)
install(DIRECTORY styles DESTINATION ${share} PATTERN source EXCLUDE PATTERN README.md EXCLUDE)
install(DIRECTORY services/console/dist DESTINATION ${share}/services/console
        PATTERN .built EXCLUDE)
install(PROGRAMS ${files}/database.sh docker/backup.sh DESTINATION ${share})
install(DIRECTORY docker/ha DESTINATION ${share} USE_SOURCE_PERMISSIONS)
install(FILES ${files}/diaban.toml DESTINATION etc/diaban)
install(FILES ${files}/diaban.service ${files}/diaban-pictures.service ${files}/diaban-pictures.socket
        DESTINATION lib/systemd/system)
install(FILES README.md CHANGELOG.md DESTINATION usr/share/doc/diaban)
install(FILES LICENSE DESTINATION usr/share/doc/diaban RENAME copyright)

set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME diaban)
set(CPACK_PACKAGE_CONTACT "Diaban maintainers <diaban@localhost>")
set(CPACK_PACKAGE_VERSION ${PROJECT_VERSION})
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "${PROJECT_DESCRIPTION}")
set(CPACK_PACKAGING_INSTALL_PREFIX /)
set(CPACK_STRIP_FILES ON)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SECTION science)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
# Beside the libraries that shlibdeps finds: what is read at run time, and what the scripts call.
set(CPACK_DEBIAN_PACKAGE_DEPENDS "ca-certificates, fonts-noto-core, passwd, proj-data, tzdata")
set(CPACK_DEBIAN_PACKAGE_RECOMMENDS "chromium, postgresql-15-postgis-3")
set(CPACK_DEBIAN_PACKAGE_SUGGESTS "nginx, chrony, haproxy, pgbackrest, rsync")
set(CPACK_DEBIAN_PACKAGE_DESCRIPTION
    "Indicators, land parcels, cameras, citizen reports and disaster events tied to geography,
 served as live vector tiles and as answers to spatial questions, over PostgreSQL with PostGIS.")
set(CPACK_DEBIAN_PACKAGE_CONTROL_EXTRA
    "${files}/postinst;${files}/prerm;${files}/postrm;${files}/conffiles")
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)
include(CPack)
