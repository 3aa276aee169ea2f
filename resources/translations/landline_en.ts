<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="en" sourcelanguage="en">
    <context>
        <name>doctor</name>
        <message numerus="yes">
            <source>%n device(s) heard since the start.</source>
            <translation>
                <numerusform>%n device heard since the start.</numerusform>
                <numerusform>%n devices heard since the start.</numerusform>
            </translation>
        </message>
    </context>
    <context>
        <name>landline::app::JumpButton</name>
        <message numerus="yes">
            <source>%n new messages</source>
            <translation>
                <numerusform>%n new message</numerusform>
                <numerusform>%n new messages</numerusform>
            </translation>
        </message>
    </context>
    <context>
        <name>landline::app::SidebarModel</name>
        <message numerus="yes">
            <source>%n unread</source>
            <translation>
                <numerusform>%n unread</numerusform>
                <numerusform>%n unread</numerusform>
            </translation>
        </message>
    </context>
    <context>
        <name>landline::app::Tray</name>
        <message numerus="yes">
            <source>Landline: %n unread</source>
            <translation>
                <numerusform>Landline: %n unread</numerusform>
                <numerusform>Landline: %n unread</numerusform>
            </translation>
        </message>
    </context>
</TS>
