# What is installed, and the packages that ./dev package makes of it: landline, and landline-relay for a server.
include(GNUInstallDirs)
set(CMAKE_INSTALL_DEFAULT_COMPONENT_NAME landline)

foreach(program landline landline-cli)
    if(TARGET ${program})
        install(TARGETS ${program} RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
    endif()
endforeach()
if(TARGET landline-decoder)
    install(TARGETS landline-decoder RUNTIME DESTINATION ${CMAKE_INSTALL_LIBEXECDIR}/landline)
endif()

# install_if_there(FILE DESTINATION): resources that belong to the desktop.
function(install_if_there file destination)
    if(EXISTS "${PROJECT_SOURCE_DIR}/${file}")
        install(FILES "${PROJECT_SOURCE_DIR}/${file}" DESTINATION ${destination})
    endif()
endfunction()
file(GLOB desktop_files RELATIVE "${PROJECT_SOURCE_DIR}" CONFIGURE_DEPENDS
    "${PROJECT_SOURCE_DIR}/resources/*.desktop" "${PROJECT_SOURCE_DIR}/resources/desktop/*.desktop")
foreach(file IN LISTS desktop_files)
    install_if_there(${file} ${CMAKE_INSTALL_DATADIR}/applications)
endforeach()
file(GLOB icons RELATIVE "${PROJECT_SOURCE_DIR}" CONFIGURE_DEPENDS
    "${PROJECT_SOURCE_DIR}/resources/icons/landline.svg" "${PROJECT_SOURCE_DIR}/resources/icons/org.landline.*.svg")
foreach(file IN LISTS icons)
    install_if_there(${file} ${CMAKE_INSTALL_DATADIR}/icons/hicolor/scalable/apps)
endforeach()
file(GLOB metainfo RELATIVE "${PROJECT_SOURCE_DIR}" CONFIGURE_DEPENDS
    "${PROJECT_SOURCE_DIR}/resources/*.metainfo.xml" "${PROJECT_SOURCE_DIR}/resources/desktop/*.metainfo.xml")
foreach(file IN LISTS metainfo)
    install_if_there(${file} ${CMAKE_INSTALL_DATADIR}/metainfo)
endforeach()
install(FILES "${PROJECT_SOURCE_DIR}/LICENSE" DESTINATION ${CMAKE_INSTALL_DATADIR}/doc/landline RENAME copyright)

if(TARGET landline-relay)
    set(relay "${PROJECT_SOURCE_DIR}/resources/relay")
    install(TARGETS landline-relay RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR} COMPONENT relay)
    install(FILES "${relay}/landline-relay.service" DESTINATION lib/systemd/system COMPONENT relay)
    install(FILES "${relay}/landline-relay.conf" DESTINATION /etc/landline COMPONENT relay)
    install(FILES "${PROJECT_SOURCE_DIR}/LICENSE" DESTINATION ${CMAKE_INSTALL_DATADIR}/doc/landline-relay RENAME copyright
        COMPONENT relay)
    # Every setting, explained by the program itself.
    install(CODE "execute_process(COMMAND \"$<TARGET_FILE:landline-relay>\" settings
        OUTPUT_FILE \"${PROJECT_BINARY_DIR}/settings.conf\" COMMAND_ERROR_IS_FATAL ANY)" COMPONENT relay)
    install(FILES "${PROJECT_BINARY_DIR}/settings.conf" DESTINATION ${CMAKE_INSTALL_DATADIR}/doc/landline-relay COMPONENT relay)
endif()

set(CPACK_GENERATOR DEB)
set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_COMPONENTS_ALL landline)
set(CPACK_DEBIAN_LANDLINE_PACKAGE_NAME landline)
if(TARGET landline-relay)
    list(APPEND CPACK_COMPONENTS_ALL relay)
    set(CPACK_DEBIAN_RELAY_PACKAGE_NAME landline-relay)
    set(CPACK_DEBIAN_RELAY_DESCRIPTION "Relay of the messenger Landline
Keeps messages for people who are away, and for those whom no direct way reaches.
It carries ciphertext only.")
    set(CPACK_DEBIAN_RELAY_PACKAGE_CONTROL_EXTRA
        "${relay}/deb/conffiles;${relay}/deb/postinst;${relay}/deb/prerm;${relay}/deb/postrm")
endif()
set(CPACK_PACKAGE_NAME landline)
set(CPACK_PACKAGE_CONTACT "Landline <landline@localhost>")
# The first line is the summary.
set(CPACK_DEBIAN_LANDLINE_DESCRIPTION
    "Messenger for people on one network, without a server
Landline finds the people on the local network, and talks and sends files end to end encrypted.
There is no server and no account. landline-cli is the same for scripts.")
set(CPACK_STRIP_FILES ON)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SECTION net)
# Which libraries are needed is read from the programs; what Qt loads by itself is added by hand.
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_LANDLINE_PACKAGE_DEPENDS "libqt6sql6-sqlite")
set(CPACK_DEBIAN_LANDLINE_PACKAGE_RECOMMENDS "qt6-qpa-plugins, qt6-image-formats-plugins, libqt6svg6, fonts-noto-cjk, fonts-noto-color-emoji")
set(CPACK_DEBIAN_LANDLINE_PACKAGE_SUGGESTS "qt6-wayland")
include(CPack)
