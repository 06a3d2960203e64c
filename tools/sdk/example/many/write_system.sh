#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Writes the description of a server, a child of it, and $1 clients that only call.
echo '<system>'
echo '    <protection_domain name="server" priority="200"><program_image path="server.elf"/>'
echo '        <protection_domain name="child" id="400" priority="20"><program_image path="child.elf"/>'
echo '        </protection_domain></protection_domain>'
i=0
while [ $i -lt "$1" ]; do
    echo "    <protection_domain name=\"client$i\" priority=\"10\" stack_size=\"0x1000\">"
    echo '        <program_image path="client.elf"/></protection_domain>'
    echo "    <channel><end pd=\"client$i\" id=\"$((i * 4))\" pp=\"true\" notify=\"false\" setvar_id=\"server_ch\"/>"
    echo "        <end pd=\"server\" id=\"$i\" notify=\"false\"/></channel>"
    i=$((i + 1))
done
echo '</system>'
