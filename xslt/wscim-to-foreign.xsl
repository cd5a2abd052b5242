<?xml version="1.0" encoding="UTF-8"?>
<!--
  Our CIM instances of one filter -> instances of others' classes, values as text ("neutral form", docs/cim.md). Inverse of
  foreign-to-wscim.xsl.

    xsltproc xslt/nwfilter-to-wscim.xsl filter.xml | xsltproc -stringparam classes kvm xslt/wscim-to-foreign.xsl -

  Input       <i:Instances> as nwfilter-to-wscim.xsl writes them of a filter whose rules have no nwg:id: entries are called
              <filter>:<position>. nwg:part="entries" on the root asks for the entries only. Or several in
              <nwg:documents>, answered in one.
  Output      <i:Instances>: the list, then for each entry and association one of the others' classes. What these cannot
              hold comes out in place as <nwg:refused property= reason= entry=>, entry being the position: an entry with one
              of these must be left out whole, with the association that ties it to its list.
  Parameters  classes: kvm, amt, cim or policy; kvm when not given.
              firstHandle: number of the first filter of AMT; 1 when not given.

  What the classes are
    kvm        KVM_FilterList, KVM_Hdr8021Filter, KVM_IPHeadersFilter (packet layer), KVM_FilterEntry (no protocol),
               KVM_EntriesInFilterList, KVM_NestedFilterList.
    amt        AMT_Hdr8021Filter and AMT_IPHeadersFilter, seen on the bridge; what names them, AMT_SystemDefensePolicy, is
               put around them by src/mapping/system-defense.ts.
    cim        CIM_FilterEntry, one condition each, in a CIM_FilterList.
    policy     the conditions of rules: CIM_IPHeadersFilter (on the bridge), CIM_Hdr8021Filter (called <entry>-mac where it
               stands beside the other), CIM_FilterEntry for any frame. The rules are put around them by
               src/mapping/policy-rules.ts.

  A condition can only be turned round as a whole (IsNegated): one match, alone. Nothing here has variables.

  Style       as in nwfilter-to-wscim.xsl.
-->
<xsl:stylesheet version="1.0"
    xmlns:xsl="http://www.w3.org/1999/XSL/Transform"
    xmlns:nwg="http://schemas.nwgate.org/nwfilter/1"
    xmlns:i="http://schemas.nwgate.org/wbem/wscim/1/instances"
    xmlns:kl="http://schemas.dmtf.org/wbem/wscim/1/cim-schema/2/KVM_FilterList"
    xmlns:kh="http://schemas.dmtf.org/wbem/wscim/1/cim-schema/2/KVM_Hdr8021Filter"
    xmlns:ki="http://schemas.dmtf.org/wbem/wscim/1/cim-schema/2/KVM_IPHeadersFilter"
    xmlns:ke="http://schemas.dmtf.org/wbem/wscim/1/cim-schema/2/KVM_FilterEntry"
    xmlns:km="http://schemas.dmtf.org/wbem/wscim/1/cim-schema/2/KVM_EntriesInFilterList"
    xmlns:kn="http://schemas.dmtf.org/wbem/wscim/1/cim-schema/2/KVM_NestedFilterList"
    xmlns:ah="http://intel.com/wbem/wscim/1/amt-schema/1/AMT_Hdr8021Filter"
    xmlns:ai="http://intel.com/wbem/wscim/1/amt-schema/1/AMT_IPHeadersFilter"
    xmlns:cl="http://schemas.dmtf.org/wbem/wscim/1/cim-schema/2/CIM_FilterList"
    xmlns:ch="http://schemas.dmtf.org/wbem/wscim/1/cim-schema/2/CIM_Hdr8021Filter"
    xmlns:ci="http://schemas.dmtf.org/wbem/wscim/1/cim-schema/2/CIM_IPHeadersFilter"
    xmlns:ce="http://schemas.dmtf.org/wbem/wscim/1/cim-schema/2/CIM_FilterEntry"
    xmlns:cm="http://schemas.dmtf.org/wbem/wscim/1/cim-schema/2/CIM_EntriesInFilterList"
    xmlns:wsa="http://schemas.xmlsoap.org/ws/2004/08/addressing"
    xmlns:wsman="http://schemas.dmtf.org/wbem/wsman/1/wsman.xsd"
    exclude-result-prefixes="nwg">
  <xsl:output method="xml" encoding="UTF-8" indent="yes"/>
  <xsl:param name="classes" select="'kvm'"/>
  <xsl:param name="firstHandle" select="1"/>

  <!-- Our class to that of the others, with its prefix. -->
  <xsl:variable name="classOf" select="concat(' ', normalize-space('
    kvm:NWG_FilterList=kl:KVM_FilterList kvm:NWG_Hdr8021Filter=kh:KVM_Hdr8021Filter
    kvm:NWG_IPHeadersFilter=ki:KVM_IPHeadersFilter kvm:NWG_AnyFilter=ke:KVM_FilterEntry
    kvm:NWG_EntriesInFilterList=km:KVM_EntriesInFilterList kvm:NWG_NestedFilterList=kn:KVM_NestedFilterList
    amt:NWG_FilterList=cl:CIM_FilterList amt:NWG_Hdr8021Filter=ah:AMT_Hdr8021Filter
    amt:NWG_IPHeadersFilter=ai:AMT_IPHeadersFilter
    cim:NWG_FilterList=cl:CIM_FilterList cim:NWG_IPHeadersFilter=ce:CIM_FilterEntry cim:NWG_AnyFilter=ce:CIM_FilterEntry
    cim:NWG_EntriesInFilterList=cm:CIM_EntriesInFilterList
    policy:NWG_FilterList=cl:CIM_FilterList policy:NWG_Hdr8021Filter=ch:CIM_Hdr8021Filter
    policy:NWG_IPHeadersFilter=ci:CIM_IPHeadersFilter policy:NWG_AnyFilter=ce:CIM_FilterEntry
    '), ' ')"/>
  <xsl:variable name="systemOf" select="' kvm=KVM_HostSystem amt=CIM_ComputerSystem cim=CIM_ComputerSystem policy=CIM_ComputerSystem '"/>
  <!-- The headers that an entry of a class looks at; after the slash those that are no match of their own. -->
  <xsl:variable name="ethernet" select="concat(' ', normalize-space('
    HdrSrcMACAddr8021 HdrDestMACAddr8021 HdrProtocolID8021 HdrVLANID8021 / HdrSrcMACMask8021 HdrDestMACMask8021
    '), ' ')"/>
  <xsl:variable name="packet" select="concat(' ', normalize-space('
    HdrProtocolID HdrSrcAddress HdrDestAddress HdrSrcPortStart HdrDestPortStart HdrDSCP / HdrIPVersion HdrSrcMask HdrDestMask
    HdrSrcAddressEndOfRange HdrDestAddressEndOfRange HdrSrcPortEnd HdrDestPortEnd
    '), ' ')"/>
  <xsl:variable name="macs" select="' HdrSrcMACAddr HdrDestMACAddr / HdrSrcMACMask HdrDestMACMask '"/>
  <!-- What all classes say in words of their own, and what follows from other properties. -->
  <xsl:variable name="retold" select="concat(' ', normalize-space('
    SystemCreationClassName SystemName CreationClassName Name IsNegated Action Direction Priority StateMatch NegatedProperties
    VariableProperties VariableExpressions ImpliedProperties ProtocolElement Description
    '), ' ')"/>
  <!-- Protocols that have an element of the packet layer. -->
  <xsl:variable name="named" select="' 4: 4:1 4:2 4:6 4:17 4:50 4:51 4:132 4:136 6: 6:6 6:17 6:50 6:51 6:58 6:132 6:136 '"/>
  <xsl:variable name="profileOf" select="' 1=3 2=4 '"/>
  <xsl:variable name="senseOf" select="' 1=1 2=0 '"/>

  <!-- Several documents at once: what each becomes, in their order. -->
  <xsl:template match="nwg:documents">
    <nwg:documents><xsl:apply-templates select="*"/></nwg:documents>
  </xsl:template>

  <xsl:template match="i:Instances">
    <xsl:variable name="ownerText">
      <xsl:for-each select="*[local-name() = 'NWG_FilterList']"><xsl:value-of select="*[local-name() = 'Name']"/></xsl:for-each>
    </xsl:variable>
    <xsl:variable name="owner" select="string($ownerText)"/>
    <xsl:variable name="part" select="string(@nwg:part)"/>
    <i:Instances>
      <xsl:for-each select="*">
        <xsl:variable name="class" select="substring-before(substring-after($classOf, concat(' ', $classes, ':', local-name(), '=')), ' ')"/>
        <xsl:variable name="at" select="substring-after(*[local-name() = 'Name'], concat($owner, ':'))"/>
        <xsl:choose>
          <xsl:when test="local-name() = 'NWG_FilterList'">
            <xsl:if test="$part = ''">
              <xsl:call-template name="list"><xsl:with-param name="lClass" select="$class"/></xsl:call-template>
            </xsl:if>
          </xsl:when>
          <xsl:when test="local-name() = 'NWG_EntriesInFilterList'">
            <xsl:if test="$class != ''">
              <xsl:call-template name="tie">
                <xsl:with-param name="tClass" select="$class"/>
                <xsl:with-param name="tFirst" select="'GroupComponent'"/>
                <xsl:with-param name="tSecond" select="'PartComponent'"/>
              </xsl:call-template>
            </xsl:if>
          </xsl:when>
          <xsl:when test="local-name() = 'NWG_NestedFilterList' and $class = ''">
            <nwg:refused property="filterref" reason="these classes have no references to other filters" entry="{*[local-name() = 'RefIndex']}"/>
          </xsl:when>
          <xsl:when test="local-name() = 'NWG_NestedFilterList'">
            <xsl:call-template name="tie">
              <xsl:with-param name="tClass" select="$class"/>
              <xsl:with-param name="tFirst" select="'Dependent'"/>
              <xsl:with-param name="tSecond" select="'Antecedent'"/>
            </xsl:call-template>
          </xsl:when>
          <xsl:when test="$class = '' and local-name() = 'NWG_AnyFilter'">
            <nwg:refused property="ProtocolElement" reason="these classes have no entry for every frame but what drops the rest" entry="{$at}"/>
          </xsl:when>
          <xsl:when test="$class = ''">
            <nwg:refused property="ProtocolElement" reason="these classes have nothing for {*[local-name() = 'ProtocolElement']}" entry="{$at}"/>
          </xsl:when>
          <xsl:otherwise>
            <xsl:call-template name="entry">
              <xsl:with-param name="eClass" select="$class"/>
              <xsl:with-param name="eAt" select="$at"/>
            </xsl:call-template>
          </xsl:otherwise>
        </xsl:choose>
      </xsl:for-each>
    </i:Instances>
  </xsl:template>

  <xsl:template name="list">
    <xsl:param name="lClass"/>
    <xsl:element name="{$lClass}">
      <xsl:call-template name="keys">
        <xsl:with-param name="kClass" select="$lClass"/>
        <xsl:with-param name="kName" select="string(*[local-name() = 'Name'])"/>
      </xsl:call-template>
      <xsl:choose>
        <xsl:when test="$classes = 'kvm'">
          <kl:Direction>0</kl:Direction>
          <xsl:for-each select="*[local-name() = 'UUID']"><kl:InstanceID><xsl:value-of select="."/></kl:InstanceID></xsl:for-each>
          <xsl:for-each select="*[local-name() = 'Priority']"><kl:Priority><xsl:value-of select="."/></kl:Priority></xsl:for-each>
        </xsl:when>
        <xsl:otherwise>
          <xsl:for-each select="*[local-name() = 'Priority']">
            <nwg:refused property="priority" reason="these classes have no priority of a list ({.})"/>
          </xsl:for-each>
        </xsl:otherwise>
      </xsl:choose>
      <xsl:for-each select="*[local-name() = 'Chain']">
        <xsl:if test=". != 'root'">
          <nwg:refused property="chain" reason="these classes have no chains ({.})"/>
        </xsl:if>
      </xsl:for-each>
    </xsl:element>
  </xsl:template>

  <!-- An association. libvirt-cim calls the list that refers the antecedent: the first and the second keep their places. -->
  <xsl:template name="tie">
    <xsl:param name="tClass"/>
    <xsl:param name="tFirst"/>
    <xsl:param name="tSecond"/>
    <xsl:variable name="tPrefix" select="substring-before($tClass, ':')"/>
    <xsl:variable name="isMembership" select="local-name() = 'NWG_EntriesInFilterList'"/>
    <xsl:variable name="firstRole">
      <xsl:choose>
        <xsl:when test="$isMembership">GroupComponent</xsl:when>
        <xsl:otherwise>Antecedent</xsl:otherwise>
      </xsl:choose>
    </xsl:variable>
    <xsl:variable name="secondRole">
      <xsl:choose>
        <xsl:when test="$isMembership">PartComponent</xsl:when>
        <xsl:otherwise>Dependent</xsl:otherwise>
      </xsl:choose>
    </xsl:variable>
    <xsl:element name="{$tClass}">
      <xsl:element name="{$tPrefix}:{$firstRole}">
        <xsl:call-template name="reference"><xsl:with-param name="role" select="$tFirst"/></xsl:call-template>
      </xsl:element>
      <xsl:element name="{$tPrefix}:{$secondRole}">
        <xsl:call-template name="reference"><xsl:with-param name="role" select="$tSecond"/></xsl:call-template>
      </xsl:element>
      <xsl:if test="*[local-name() = 'ParameterNames']">
        <nwg:refused property="parameter" reason="these classes have no parameters of a reference" entry="{*[local-name() = 'RefIndex']}"/>
      </xsl:if>
    </xsl:element>
  </xsl:template>

  <!-- The reference in the property $role, to the others' class. -->
  <xsl:template name="reference">
    <xsl:param name="role"/>
    <xsl:variable name="pointed" select="string(*[local-name() = $role]/wsa:ReferenceParameters/wsman:SelectorSet/wsman:Selector[@Name = 'CreationClassName'])"/>
    <xsl:variable name="theirs" select="substring-after(substring-before(substring-after($classOf, concat(' ', $classes, ':', $pointed, '=')), ' '), ':')"/>
    <wsa:Address>http://schemas.xmlsoap.org/ws/2004/08/addressing/role/anonymous</wsa:Address>
    <wsa:ReferenceParameters>
      <wsman:ResourceURI>http://schemas.dmtf.org/wbem/wscim/1/cim-schema/2/<xsl:value-of select="$theirs"/></wsman:ResourceURI>
      <wsman:SelectorSet>
        <xsl:for-each select="*[local-name() = $role]/wsa:ReferenceParameters/wsman:SelectorSet/wsman:Selector">
          <wsman:Selector Name="{@Name}">
            <xsl:choose>
              <xsl:when test="@Name = 'CreationClassName'"><xsl:value-of select="$theirs"/></xsl:when>
              <xsl:when test="@Name = 'SystemCreationClassName'">
                <xsl:value-of select="substring-before(substring-after($systemOf, concat(' ', $classes, '=')), ' ')"/>
              </xsl:when>
              <xsl:otherwise><xsl:value-of select="."/></xsl:otherwise>
            </xsl:choose>
          </wsman:Selector>
        </xsl:for-each>
      </wsman:SelectorSet>
    </wsa:ReferenceParameters>
  </xsl:template>

  <xsl:template name="keys">
    <xsl:param name="kClass"/>
    <xsl:param name="kName"/>
    <xsl:variable name="kPrefix" select="substring-before($kClass, ':')"/>
    <xsl:element name="{$kPrefix}:SystemCreationClassName">
      <xsl:value-of select="substring-before(substring-after($systemOf, concat(' ', $classes, '=')), ' ')"/>
    </xsl:element>
    <xsl:element name="{$kPrefix}:SystemName"><xsl:value-of select="*[local-name() = 'SystemName']"/></xsl:element>
    <xsl:element name="{$kPrefix}:CreationClassName"><xsl:value-of select="substring-after($kClass, ':')"/></xsl:element>
    <xsl:element name="{$kPrefix}:Name"><xsl:value-of select="$kName"/></xsl:element>
  </xsl:template>

  <!-- One entry, the current one. -->
  <xsl:template name="entry">
    <xsl:param name="eClass"/>
    <xsl:param name="eAt"/>
    <xsl:variable name="px" select="substring-before($eClass, ':')"/>
    <xsl:variable name="eName" select="string(*[local-name() = 'Name'])"/>
    <xsl:variable name="headersText">
      <xsl:choose>
        <xsl:when test="$px = 'ah'"> HdrProtocolID8021 / </xsl:when>
        <xsl:when test="local-name() = 'NWG_Hdr8021Filter'"><xsl:value-of select="$ethernet"/></xsl:when>
        <xsl:when test="local-name() = 'NWG_IPHeadersFilter'"><xsl:value-of select="$packet"/></xsl:when>
      </xsl:choose>
    </xsl:variable>
    <xsl:variable name="headers" select="string($headersText)"/>
    <xsl:variable name="negation">
      <xsl:choose>
        <xsl:when test="*[local-name() = 'NegatedProperties']">true</xsl:when>
        <xsl:otherwise>false</xsl:otherwise>
      </xsl:choose>
    </xsl:variable>
    <xsl:element name="{$eClass}">
      <xsl:call-template name="keys">
        <xsl:with-param name="kClass" select="$eClass"/>
        <xsl:with-param name="kName" select="$eName"/>
      </xsl:call-template>
      <xsl:if test="$classes = 'amt'">
        <xsl:element name="{$px}:InstanceID">Intel(r) AMT:Filter: <xsl:value-of select="$firstHandle + $eAt"/></xsl:element>
      </xsl:if>
      <xsl:element name="{$px}:IsNegated"><xsl:value-of select="$negation"/></xsl:element>
      <xsl:for-each select="*[local-name() = 'Description']">
        <xsl:element name="{$px}:Description"><xsl:value-of select="."/></xsl:element>
      </xsl:for-each>
      <xsl:call-template name="what-it-does">
        <xsl:with-param name="wPrefix" select="$px"/>
        <xsl:with-param name="wAt" select="$eAt"/>
      </xsl:call-template>
      <xsl:choose>
        <xsl:when test="$px = 'ke' or $px = 'ce'">
          <xsl:call-template name="condition">
            <xsl:with-param name="cPrefix" select="$px"/>
            <xsl:with-param name="cAt" select="$eAt"/>
          </xsl:call-template>
        </xsl:when>
        <xsl:otherwise>
          <xsl:for-each select="*[contains($headers, concat(' ', local-name(), ' '))]">
            <xsl:element name="{$px}:{local-name()}"><xsl:value-of select="."/></xsl:element>
          </xsl:for-each>
        </xsl:otherwise>
      </xsl:choose>
      <xsl:call-template name="refusals">
        <xsl:with-param name="rPrefix" select="$px"/>
        <xsl:with-param name="rHeaders" select="$headers"/>
        <xsl:with-param name="rAt" select="$eAt"/>
      </xsl:call-template>
    </xsl:element>
    <!-- Beside IP headers, MAC addresses are an entry of their own. -->
    <xsl:if test="$px = 'ci' and *[contains($macs, concat(' ', local-name(), ' '))]">
      <ch:CIM_Hdr8021Filter>
        <xsl:call-template name="keys">
          <xsl:with-param name="kClass" select="'ch:CIM_Hdr8021Filter'"/>
          <xsl:with-param name="kName" select="concat($eName, '-mac')"/>
        </xsl:call-template>
        <ch:IsNegated>false</ch:IsNegated>
        <xsl:for-each select="*[contains($macs, concat(' ', local-name(), ' '))]">
          <xsl:element name="ch:{local-name()}8021"><xsl:value-of select="."/></xsl:element>
        </xsl:for-each>
      </ch:CIM_Hdr8021Filter>
    </xsl:if>
  </xsl:template>

  <!-- Action, direction and priority, where the class has them. -->
  <xsl:template name="what-it-does">
    <xsl:param name="wPrefix"/>
    <xsl:param name="wAt"/>
    <xsl:variable name="does" select="string(*[local-name() = 'Action'])"/>
    <xsl:variable name="goes" select="string(*[local-name() = 'Direction'])"/>
    <xsl:if test="$classes = 'kvm' or $classes = 'cim'">
      <xsl:element name="{$wPrefix}:Action"><xsl:value-of select="$does"/></xsl:element>
    </xsl:if>
    <xsl:if test="$classes = 'kvm'">
      <xsl:element name="{$wPrefix}:Direction"><xsl:value-of select="$goes"/></xsl:element>
      <xsl:element name="{$wPrefix}:Priority"><xsl:value-of select="*[local-name() = 'Priority']"/></xsl:element>
    </xsl:if>
    <xsl:if test="$classes = 'amt'">
      <xsl:element name="{$wPrefix}:FilterProfile"><xsl:value-of select="substring-before(substring-after($profileOf, concat(' ', $does, '=')), ' ')"/></xsl:element>
      <xsl:element name="{$wPrefix}:FilterDirection"><xsl:value-of select="substring-before(substring-after($senseOf, concat(' ', $goes, '=')), ' ')"/></xsl:element>
      <xsl:element name="{$wPrefix}:ActionEventOnMatch">false</xsl:element>
      <xsl:if test="$goes = '3'">
        <nwg:refused property="direction" reason="a filter of AMT is for what is sent or what is received, not for both" entry="{$wAt}"/>
      </xsl:if>
    </xsl:if>
    <xsl:if test="$classes != 'kvm' and $does != '1' and $does != '2'">
      <nwg:refused property="action" reason="these classes accept and drop, no more" entry="{$wAt}"/>
    </xsl:if>
    <xsl:if test="*[local-name() = 'StateMatch'] = 'false'">
      <nwg:refused property="statematch" reason="these classes cannot switch connection tracking off" entry="{$wAt}"/>
    </xsl:if>
  </xsl:template>

  <!-- The one condition of a FilterEntry. -->
  <xsl:template name="condition">
    <xsl:param name="cPrefix"/>
    <xsl:param name="cAt"/>
    <xsl:variable name="number" select="string(*[local-name() = 'HdrProtocolID'])"/>
    <xsl:variable name="source" select="string(*[local-name() = 'HdrSrcAddress'])"/>
    <xsl:variable name="target" select="string(*[local-name() = 'HdrDestAddress'])"/>
    <xsl:variable name="type">
      <xsl:choose>
        <xsl:when test="$number != ''">8</xsl:when>
        <xsl:when test="$source != ''">2</xsl:when>
        <xsl:when test="$target != ''">3</xsl:when>
        <xsl:otherwise>13</xsl:otherwise>
      </xsl:choose>
    </xsl:variable>
    <xsl:variable name="value">
      <xsl:choose>
        <xsl:when test="$type = '8'"><xsl:value-of select="$number"/></xsl:when>
        <xsl:when test="$type = '2'">
          <xsl:value-of select="$source"/>
          <xsl:for-each select="*[local-name() = 'HdrSrcMask']"><xsl:value-of select="concat('/', .)"/></xsl:for-each>
        </xsl:when>
        <xsl:when test="$type = '3'">
          <xsl:value-of select="$target"/>
          <xsl:for-each select="*[local-name() = 'HdrDestMask']"><xsl:value-of select="concat('/', .)"/></xsl:for-each>
        </xsl:when>
      </xsl:choose>
    </xsl:variable>
    <xsl:element name="{$cPrefix}:TrafficType">
      <xsl:choose>
        <xsl:when test="*[local-name() = 'HdrIPVersion'] = '4'">1</xsl:when>
        <xsl:when test="*[local-name() = 'HdrIPVersion'] = '6'">3</xsl:when>
        <xsl:otherwise>4</xsl:otherwise>
      </xsl:choose>
    </xsl:element>
    <xsl:element name="{$cPrefix}:MatchConditionType"><xsl:value-of select="$type"/></xsl:element>
    <xsl:if test="$type != '13'">
      <xsl:element name="{$cPrefix}:MatchConditionValue"><xsl:value-of select="$value"/></xsl:element>
    </xsl:if>
    <xsl:for-each select="*[contains($packet, concat(' ', local-name(), ' '))]">
      <xsl:choose>
        <xsl:when test="local-name() = 'HdrIPVersion' or local-name() = 'HdrProtocolID'"/>
        <xsl:when test="$type = '2' and (local-name() = 'HdrSrcAddress' or local-name() = 'HdrSrcMask')"/>
        <xsl:when test="$type = '3' and (local-name() = 'HdrDestAddress' or local-name() = 'HdrDestMask')"/>
        <xsl:otherwise>
          <nwg:refused property="{local-name()}" reason="is a second condition, or one without text, where CIM_FilterEntry has one" entry="{$cAt}"/>
        </xsl:otherwise>
      </xsl:choose>
    </xsl:for-each>
  </xsl:template>

  <xsl:template name="refusals">
    <xsl:param name="rPrefix"/>
    <xsl:param name="rHeaders"/>
    <xsl:param name="rAt"/>
    <xsl:variable name="element" select="string(*[local-name() = 'ProtocolElement'])"/>
    <xsl:variable name="isBridge" select="$element = 'ip' or $element = 'ipv6'"/>
    <xsl:variable name="isIp" select="local-name() = 'NWG_IPHeadersFilter'"/>
    <xsl:variable name="known" select="contains($named, concat(' ', *[local-name() = 'HdrIPVersion'], ':', *[local-name() = 'HdrProtocolID'], ' '))"/>
    <xsl:variable name="turnedText">|<xsl:for-each select="*[local-name() = 'NegatedProperties']"><xsl:value-of select="concat(., '|')"/></xsl:for-each></xsl:variable>
    <xsl:variable name="turned" select="normalize-space($turnedText)"/>
    <!-- An x for each match; MAC addresses beside IP headers make two. -->
    <xsl:variable name="marksText">
      <xsl:for-each select="*[contains(concat(substring-before($rHeaders, '/'), ' '), concat(' ', local-name(), ' ')) or contains($macs, concat(' ', local-name(), ' '))]">
        <xsl:choose>
          <xsl:when test="contains($macs, concat(' ', local-name(), ' '))">xx</xsl:when>
          <xsl:when test="contains($turned, concat('|', local-name(), '|'))">n</xsl:when>
          <xsl:otherwise>x</xsl:otherwise>
        </xsl:choose>
      </xsl:for-each>
    </xsl:variable>
    <xsl:choose>
      <xsl:when test="$isIp and ($classes = 'amt' or $classes = 'policy') and not($isBridge)">
        <nwg:refused property="ProtocolElement" reason="{$element} is met behind all rules of the bridge, and these classes have one order" entry="{$rAt}"/>
      </xsl:when>
      <xsl:when test="$isBridge and ($classes = 'kvm' or $classes = 'cim') and $known and $turned != '|HdrProtocolID|'">
        <nwg:refused property="ProtocolElement" reason="{$element} is met on the bridge, and these classes cannot say so" entry="{$rAt}"/>
      </xsl:when>
    </xsl:choose>
    <xsl:if test="$turned != '|' and string($marksText) != 'n'">
      <nwg:refused property="NegatedProperties" reason="these classes turn the whole condition round, which must be one match" entry="{$rAt}"/>
    </xsl:if>
    <xsl:for-each select="*[local-name() = 'VariableExpressions']">
      <nwg:refused property="VariableExpressions" reason="these classes have no variables ({.})" entry="{$rAt}"/>
    </xsl:for-each>
    <xsl:if test="*[local-name() = 'HdrSrcPortEnd'] and not(*[local-name() = 'HdrSrcPortStart'])">
      <nwg:refused property="HdrSrcPortEnd" reason="would begin at 0 there" entry="{$rAt}"/>
    </xsl:if>
    <xsl:if test="*[local-name() = 'HdrDestPortEnd'] and not(*[local-name() = 'HdrDestPortStart'])">
      <nwg:refused property="HdrDestPortEnd" reason="would begin at 0 there" entry="{$rAt}"/>
    </xsl:if>
    <xsl:for-each select="*[not(contains($retold, concat(' ', local-name(), ' ')) or contains($rHeaders, concat(' ', local-name(), ' ')))]">
      <xsl:if test="not($rPrefix = 'ci' and contains($macs, concat(' ', local-name(), ' ')))">
        <nwg:refused property="{local-name()}" reason="these classes have no such property" entry="{$rAt}"/>
      </xsl:if>
    </xsl:for-each>
  </xsl:template>
</xsl:stylesheet>
