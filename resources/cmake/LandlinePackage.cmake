# What is installed, and the .deb that ./dev package makes of it.
include(GNUInstallDirs)

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

set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME landline)
set(CPACK_PACKAGE_CONTACT "Landline <landline@localhost>")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "Messenger for people on one network, without a server")
set(CPACK_PACKAGE_DESCRIPTION
    "Landline finds the people on the local network, and talks and sends files end to end encrypted.
 There is no server and no account. landline-cli is the same for scripts.")
set(CPACK_STRIP_FILES ON)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SECTION net)
# Which libraries are needed is read from the programs; what Qt loads by itself is added by hand.
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_DEPENDS "libqt6sql6-sqlite")
set(CPACK_DEBIAN_PACKAGE_RECOMMENDS "qt6-qpa-plugins, qt6-image-formats-plugins, libqt6svg6, fonts-noto-cjk, fonts-noto-color-emoji")
set(CPACK_DEBIAN_PACKAGE_SUGGESTS "qt6-wayland")
include(CPack)
