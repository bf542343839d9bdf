<?xml version="1.0" encoding="UTF-8"?>
<!--
  The schemas inside a WSDL, one file each (0.xsd, 1.xsd, ...), with the prefixes they inherit from the WSDL. Names of files are
  resolved against `base`, the WSDL's folder. Printed: one line a schema, its number and its namespace.
-->
<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform" xmlns:xs="http://www.w3.org/2001/XMLSchema"
    xmlns:exsl="http://exslt.org/common" extension-element-prefixes="exsl">
  <xsl:output method="text"/>
  <xsl:param name="base"/>

  <xsl:template match="/">
    <xsl:for-each select="/*/*[local-name() = 'types']/xs:schema">
      <xsl:value-of select="concat(position() - 1, ' ', @targetNamespace, '&#10;')"/>
      <exsl:document href="{position() - 1}.xsd" method="xml"><xsl:apply-templates select="." mode="copy"/></exsl:document>
    </xsl:for-each>
  </xsl:template>

  <xsl:template match="@*|node()" mode="copy">
    <xsl:copy>
      <xsl:copy-of select="namespace::*"/>
      <xsl:apply-templates select="@*|node()" mode="copy"/>
    </xsl:copy>
  </xsl:template>
  <xsl:template match="@schemaLocation" mode="copy">
    <xsl:attribute name="schemaLocation"><xsl:value-of select="concat($base, .)"/></xsl:attribute>
  </xsl:template>
</xsl:stylesheet>
